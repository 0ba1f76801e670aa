"""One cluster for all tests of a run, and a namespace of it for each test."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import pytest
from tests.cluster import apart, namespaces
from tests.cluster.api import Api
from tests.cluster.argocd import ArgoCD, prepare
from tests.cluster.background import Background
from tests.cluster.building import NotBuiltError
from tests.cluster.control_plane import ControlPlane
from tests.cluster.environment import from_environment
from tests.cluster.rig import Programs, Rig, programs, running
from tests.cluster.samples import SampleService
from tests.cluster.sidecar import Sidecar, connected

from crossfade.adapters.processes.children import Children

MARK = "cluster"
LAST_LINES = 30
FOUND = pytest.StashKey[Programs]()
SKIPPED = "no cluster here"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup` one worker runs them all, so that one cluster serves them all."""
    for item in _ours(items):
        item.add_marker(pytest.mark.xdist_group(MARK))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Find or build the programs before any test's time runs."""
    ours = _ours(session.items)
    if not ours or session.config.option.collectonly:
        return
    environment = from_environment()
    try:
        session.config.stash[FOUND] = programs(environment, _sayer(session.config))
    except NotBuiltError as error:
        if environment.required:
            pytest.exit(f"The cluster tests cannot run, and must: {error}", returncode=1)
        for item in ours:
            item.add_marker(pytest.mark.skip(f"{SKIPPED}: {error}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, loudly, what was skipped."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())]
    reasons = [reason for reason in skipped if SKIPPED in reason]
    if reasons:
        why = reasons[0].partition(f"{SKIPPED}: ")[2].splitlines()[0]
        line = f"{len(reasons)} CLUSTER TESTS SKIPPED: {why}"
        terminalreporter.write_line(line, red=True, bold=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the programs said last."""
    report = yield
    rig = getattr(item, "funcargs", {}).get("rig")
    if report.failed and isinstance(rig, Rig):
        for part in rig.parts:
            report.sections.append((f"{part.name} said", "\n".join(part.last_lines(LAST_LINES))))
    return report


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """Where the cluster's programs are looked after."""
    with Background() as loop:
        yield loop


@pytest.fixture(scope="session")
def rig(
    background: Background, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Rig]:
    """The cluster, up for the whole run."""
    folder = tmp_path_factory.mktemp("cluster")
    kubeconfig = from_environment().kubeconfig
    found, say = pytestconfig.stash[FOUND], _sayer(pytestconfig)
    with background.held(running(folder, found, kubeconfig, say)) as up:
        yield up


@pytest.fixture(scope="session")
def sidecar(rig: Rig, background: Background) -> Iterator[Sidecar]:
    """A proxy beside a workload, as istiod sees it."""
    with background.held(connected(rig.istiod)) as proxy:
        yield proxy


@pytest.fixture
async def api(rig: Rig) -> AsyncIterator[Api]:
    """The API as its administrator."""
    async with Api.opened(rig.kubeconfig) as opened:
        yield opened


@pytest.fixture
async def namespace(api: Api) -> AsyncIterator[str]:
    """A namespace of the test's own."""
    async with namespaces.fresh(api) as name:
        yield name


@pytest.fixture
async def sample(rig: Rig, background: Background, api: Api, namespace: str) -> SampleService:
    """The sample service, v1 and v2, answering behind the gateway."""
    service = SampleService(api, namespace)
    await service.create("v1", "v2")
    found = {name: await background.do(rig.backends.ports(name)) for name in ("v1", "v2")}
    await service.route(**found)
    return service


@pytest.fixture(scope="session")
def plane(
    background: Background, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[ControlPlane]:
    """A control plane apart from the cluster, for tests that end it, hang it or change it."""
    found = pytestconfig.stash[FOUND]
    if "kube-apiserver" not in found:
        pytest.skip("it takes an API server of our own")
    up = background.run(apart.started(tmp_path_factory.mktemp("plane"), found))
    yield up
    background.run(up.stop())


@pytest.fixture
async def own(
    plane: ControlPlane, background: Background, pytestconfig: pytest.Config, tmp_path: Path
) -> AsyncIterator[apart.Apart]:
    """Weather before the control plane, a namespace in it, and the product's way there."""
    found = pytestconfig.stash[FOUND]
    async with apart.standing_before(plane, background, found, tmp_path) as standing:
        yield standing


@pytest.fixture
async def argocd(rig: Rig, api: Api, tmp_path: Path) -> AsyncIterator[ArgoCD]:
    """An Argo CD of the test's own, that keeps nothing yet."""
    await prepare(api, rig.programs)
    async with Children(tmp_path / "run-argocd") as children:
        folder = tmp_path / "argocd"
        started = await ArgoCD.start(folder, rig.programs, rig.kubeconfig, children)
        yield started
        await started.stop()


def _ours(items: list[pytest.Item]) -> list[pytest.Item]:
    return [item for item in items if item.get_closest_marker(MARK)]


def _sayer(config: pytest.Config) -> Callable[[str], None]:
    """Words for the terminal, whatever is captured; a worker of xdist has none."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")

    def say(words: str) -> None:
        if reporter and capture:
            with capture.global_and_fixture_disabled():
                reporter.write_line(words)

    return say

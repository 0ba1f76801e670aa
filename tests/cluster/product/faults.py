"""What may happen to an API server, and what must not happen to the rest of its cluster."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
from tests.cluster import crds
from tests.cluster.census import census
from tests.cluster.control_plane import ControlPlane
from tests.cluster.product.line import HEALED_S, ROUTES, RULES, Line
from tests.cluster.rig import CRDS
from tests.e2e.product import until

ISTIO = "/apis/networking.istio.io/v1"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"{ROUTES}.networking.istio.io"},
}
DEFINED = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions//{ROUTES}.networking.istio.io"


@contextmanager
def killed(line: Line) -> Iterator[None]:
    """Nobody is there until the block ends; istiod then hurries to find who is there again."""
    line.background.run(plane(line).kill_api())
    line.background.run(line.weather.vanish())
    try:
        yield
    finally:
        line.background.run(plane(line).start_api())
        line.background.run(line.rig.istiod.restart(line.rig.children))
        line.background.run(line.weather.begin())


@contextmanager
def paused(line: Line) -> Iterator[None]:
    """It does nothing at all until the block ends."""
    plane(line).signal_api(signal.SIGSTOP)
    line.background.run(line.weather.cut())
    try:
        yield
    finally:
        plane(line).signal_api(signal.SIGCONT)


@contextmanager
def flagged(line: Line, *options: str) -> Iterator[None]:
    """It has other flags until the block ends."""
    restart(line, *options)
    line.well()
    try:
        yield
    finally:
        restart(line)


@contextmanager
def without_routes(line: Line) -> Iterator[None]:
    """It knows no VirtualServices, and has forgotten all there were, until the block ends."""
    line.background.run(line.api.delete(DEFINITION))
    until(lambda: not _knows_routes(line), "an API server without the kind")
    line.background.run(line.weather.cut())
    try:
        yield
    finally:
        line.background.run(crds.install(line.api, line.rig.programs[CRDS]))


@contextmanager
def unheard(line: Line) -> Iterator[None]:
    """No watch tells anything until the block ends, which ends them all."""
    line.background.run(_hold(line, held=True))
    try:
        yield
    finally:
        line.background.run(_hold(line, held=False))
        line.background.run(line.weather.cut())


def restart(line: Line, *options: str) -> None:
    """Another API server in place of the one that was, with these further flags."""
    line.background.run(plane(line).kill_api())
    line.background.run(plane(line).start_api(options))


def edit_by_hand(line: Line, **weights: int) -> None:
    """Somebody divides the traffic so with kubectl."""
    routes = [
        {"destination": {"host": line.service.name, "subset": name}, "weight": weight}
        for name, weight in weights.items()
    ]
    changes = {"spec": {"http": [{"name": "weighted", "route": routes}]}}
    line.background.run(line.api.patch(line.named("VirtualService"), changes))


def elsewhere(line: Line) -> dict[str, str]:
    """The digest of every object in the cluster but the rule's own.

    And but what defines the kind of its routes: that is taken away here, and put back as another.
    """
    everything = until(lambda: _counted(line), "an API server that lists all it has", HEALED_S)
    name = f"{line.service.namespace}/{line.service.name}"
    ours = {f"{ISTIO}/{ROUTES}/{name}", f"{ISTIO}/{RULES}/{name}", DEFINED}
    return {place: digest for place, digest in everything.items() if place not in ours}


def plane(line: Line) -> ControlPlane:
    """The control plane that may be struck."""
    assert line.rig.plane is not None
    return line.rig.plane


def _counted(line: Line) -> dict[str, str] | None:
    with suppress(httpx2.HTTPStatusError):  # it may have begun a moment ago
        return line.background.run(census(line.api))
    return None


def _knows_routes(line: Line) -> bool:
    listed = line.api.client.get(f"{ISTIO}/{ROUTES}", params={"limit": "1"})
    return line.background.run(listed).status_code != httpx2.codes.NOT_FOUND


async def _hold(line: Line, *, held: bool) -> None:
    line.weather.hold(held=held)

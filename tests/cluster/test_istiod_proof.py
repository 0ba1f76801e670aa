"""istiod's word that the proxies obey: never before they do, and not for one that does not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.cluster.api import Api
from tests.cluster.gateway import Gateway
from tests.cluster.istio import Istiod
from tests.cluster.proof_stand import WHOLE, Written, shares
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.sidecar import Sidecar, connected
from tests.cluster.waiting import free_ports, last_seen
from tests.golden.rules import FOLDERS, intent_in

from crossfade.adapters.kubernetes.istiod import IstiodView
from crossfade.adapters.processes.children import Children
from crossfade.domain.errors import UnavailableError
from crossfade.domain.intent import MESH_GATEWAY, Intent
from crossfade.domain.policies import ConnectionLimits, OutlierDetection, Policies
from crossfade.domain.revision import Revision

pytestmark = pytest.mark.cluster

CHANGES = 50
SOON_S = 1.0
COMES_S = 30.0  # within which what a single try may be too short for is there
STIR_S = 0.12  # quicker changes would make istiod wait for their end


@pytest.fixture
async def written(rig: Rig, api: Api, sample: SampleService) -> Written:
    """The sample service, whose requests come by the gateway."""
    return Written(api, sample, (rig.gateway.reference,))


@pytest.fixture
def view(rig: Rig) -> IstiodView:
    return IstiodView([rig.istiod.url])


@pytest.fixture
async def second(rig: Rig, api: Api, tmp_path: Path) -> AsyncIterator[tuple[Istiod, Gateway]]:
    """One more istiod, with a gateway of its own."""
    async with Children(tmp_path / "run") as children:
        program = rig.programs["pilot-discovery"]
        istiod = await Istiod.start(tmp_path, program, rig.kubeconfig, children, "istiod-2")
        gateway = await Gateway.start(tmp_path, istiod, api, children, "gateway-2")
        yield istiod, gateway
        await api.delete(gateway.manifest)


async def lacking(view: IstiodView, revision: Revision) -> str:
    """What is said to be missing for a proof."""
    with pytest.raises(UnavailableError) as caught:
        await view.proof(revision)
    return str(caught.value)


async def proven(view: IstiodView, revision: Revision) -> str:
    """The proof, at one try or the next, as for whoever comes again."""
    end = time.monotonic() + COMES_S
    while True:
        try:
            return await view.proof(revision)
        except UnavailableError:
            if time.monotonic() > end:
                raise


async def test_no_proof_comes_before_the_proxy_itself_shows_the_weights(
    rig: Rig, written: Written, view: IstiodView
) -> None:
    for number in range(1, CHANGES + 1):
        revision = await written.split(v1=WHOLE - 100 * number, v2=100 * number)

        proof = await proven(view, revision)

        assert await written.held_by(rig.gateway) == shares(revision)
        assert proof == f"1 of 1 proxies acknowledged generation {number} (1 istiod)"


async def test_pushes_for_others_in_between_make_no_false_proof(
    rig: Rig, api: Api, written: Written, view: IstiodView, namespace: str
) -> None:
    async def stir() -> None:
        neighbour = SampleService(api, namespace, "neighbour")
        await neighbour.create("v1")
        other = Written(api, neighbour, (rig.gateway.reference,))
        while True:
            await other.split(v1=WHOLE - other.generation, v2=other.generation)
            await asyncio.sleep(STIR_S)

    stirring = asyncio.create_task(stir())
    for number in range(1, 21):
        revision = await written.split(v1=WHOLE - 100 * number, v2=100 * number)
        await proven(view, revision)
        assert await written.held_by(rig.gateway) == shares(revision)
    assert not stirring.done()
    stirring.cancel()


async def test_a_stopped_proxy_is_named_and_nothing_is_proven(
    rig: Rig, written: Written, view: IstiodView
) -> None:
    await proven(view, await written.split(v1=8_000, v2=2_000))
    with rig.gateway.stopped():
        revision = await written.split(v1=5_000, v2=5_000)

        said = partial(lacking, IstiodView([rig.istiod.url], SOON_S), revision)

        stopped = f"0 of 1 proxies acknowledged generation 2; {rig.gateway.proxy_id} has not."
        assert await last_seen(said, stopped, COMES_S) == stopped
    assert await proven(view, revision) == "1 of 1 proxies acknowledged generation 2 (1 istiod)"
    assert await written.held_by(rig.gateway) == shares(revision)


async def test_every_istiod_answers_for_its_own_proxies(
    rig: Rig, written: Written, second: tuple[Istiod, Gateway]
) -> None:
    istiod, gateway = second
    written.gateways = (rig.gateway.reference, gateway.reference)
    view = IstiodView([rig.istiod.url, istiod.url])
    for number in range(1, 6):
        revision = await written.split(v1=WHOLE - number, v2=number)
        proof = await proven(view, revision)
        assert await written.held_by(rig.gateway) == shares(revision)
        assert await written.held_by(gateway) == shares(revision)
        assert proof == f"2 of 2 proxies acknowledged generation {number} (2 istiod)"

    with gateway.stopped():
        revision = await written.split(v1=0, v2=WHOLE)
        said = partial(lacking, IstiodView([rig.istiod.url, istiod.url], SOON_S), revision)

        stopped = f"1 of 2 proxies acknowledged generation 6; {gateway.proxy_id} has not."
        assert await last_seen(said, stopped, COMES_S) == stopped


async def test_an_istiod_that_does_not_answer_leaves_no_proof(
    rig: Rig, written: Written, second: tuple[Istiod, Gateway]
) -> None:
    istiod, _ = second
    view = IstiodView([rig.istiod.url, istiod.url])
    await proven(view, await written.split(v1=8_000, v2=2_000))
    await istiod.child.stop()

    said = partial(lacking, view, await written.split(v1=5_000, v2=5_000))

    ended = f"istiod {istiod.url} does not answer."
    assert await last_seen(said, ended, COMES_S) == ended


async def test_a_name_that_nobody_knows_leaves_no_proof(written: Written) -> None:
    view = IstiodView(["http://istiod.invalid:15014"])

    said = await lacking(view, await written.split(v1=8_000, v2=2_000))

    assert "istiod's address http://istiod.invalid:15014 is not known" in said


async def test_all_addresses_of_a_name_are_asked_once_each(rig: Rig, written: Written) -> None:
    by_name = rig.istiod.url.replace("127.0.0.1", "localhost")
    view = IstiodView([rig.istiod.url, by_name])

    proof = await proven(view, await written.split(v1=8_000, v2=2_000))

    assert proof.endswith("(1 istiod)")


async def test_a_rule_for_a_gateway_without_proxies_is_not_proven(
    rig: Rig, written: Written
) -> None:
    written.gateways = ("nobody/gateway",)
    revision = await written.split(v1=8_000, v2=2_000)

    said = partial(lacking, IstiodView([rig.istiod.url], SOON_S), revision)

    nobody = f"No connected proxy carries a route of {revision.key}."
    assert await last_seen(said, nobody, COMES_S) == nobody


async def test_what_was_true_all_along_is_proven_too(rig: Rig, api: Api, written: Written) -> None:
    revision = await written.split(v1=8_000, v2=2_000)
    await proven(IstiodView([rig.istiod.url]), revision)
    await api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "unrelated"}})

    proof = await proven(IstiodView([rig.istiod.url]), revision)

    assert proof == "1 of 1 proxies acknowledged generation 1 (1 istiod)"


async def test_a_change_that_routes_do_not_show_waits_for_the_clusters(
    rig: Rig, api: Api, namespace: str, view: IstiodView
) -> None:
    service = SampleService(api, namespace, "checkout")
    await service.create("v1", "v2")
    written = Written(api, service, (rig.gateway.reference,))
    intent = written.intent(v1=8_000, v2=2_000)
    await proven(view, await written.write(intent))
    for number in range(1, 11):
        policies = Policies(
            outlier_detection=OutlierDetection(consecutive_5xx=number),
            connection_limits=ConnectionLimits(max_requests=100 * number),
        )

        await proven(view, await written.write(replace(intent, policies=policies)))

        borne = await written.borne_by(rig.gateway)
        assert {it.ejection["consecutive5xx"] for it in borne.values()} == {number}
        assert {it.limits["maxRequests"] for it in borne.values()} == {100 * number}


async def test_other_weights_in_their_place_are_told(
    rig: Rig, written: Written, view: IstiodView
) -> None:
    await proven(view, await written.split(v1=8_000, v2=2_000))
    wanted = await written.split(v1=5_000, v2=5_000)
    await proven(view, wanted)
    await proven(view, await written.split(v1=8_000, v2=2_000))

    said = partial(lacking, IstiodView([rig.istiod.url], SOON_S), wanted)

    proxy = rig.gateway.proxy_id
    others = (
        f"istiod does not show generation 2: {proxy} is sent route weighted with v1 80%, v2 20%. "
        f"0 of 1 proxies acknowledged generation 2; {proxy} has not."
    )
    assert await last_seen(said, others, COMES_S) == others


@pytest.mark.usefixtures("sidecar")
async def test_sidecars_and_gateways_count_where_the_rule_is_for_both(
    rig: Rig, written: Written, view: IstiodView
) -> None:
    written.gateways = (MESH_GATEWAY, rig.gateway.reference)
    await proven(view, await written.split(v1=8_000, v2=2_000))

    proof = await proven(view, await written.split(v1=5_000, v2=5_000))

    assert proof == "2 of 2 proxies acknowledged generation 2 (1 istiod)"


async def test_asking_istiod_does_not_make_it_hand_out_what_is_old(
    rig: Rig, written: Written, view: IstiodView
) -> None:
    """istiod keeps what it makes for a dump, for all proxies: a dump in the middle of a push would
    be sent to others as new."""
    written.gateways = (MESH_GATEWAY,)
    async with AsyncExitStack() as exits:
        sidecars = [
            await exits.enter_async_context(connected(rig.istiod, name=f"beside-{number}"))
            for number in range(4)
        ]
        for number in range(1, CHANGES + 1):
            revision = await written.split(v1=WHOLE - 100 * number, v2=100 * number)
            await proven(view, revision)
            held = [await written.held_by(sidecar) for sidecar in sidecars]
            assert held == [shares(revision)] * len(sidecars)


@pytest.mark.usefixtures("sidecar")
async def test_a_sidecar_that_does_not_know_the_service_is_not_waited_for(
    rig: Rig, api: Api, written: Written, view: IstiodView
) -> None:
    written.gateways = (MESH_GATEWAY,)
    async with secluded(rig, api, written) as hermit:
        await proven(view, await written.split(v1=8_000, v2=2_000))
        for number in range(2, 6):
            proof = await proven(view, await written.split(v1=WHOLE - number, v2=number))
            assert proof == f"1 of 1 proxies acknowledged generation {number} (1 istiod)"
    assert hermit.proxy_id.startswith("sidecar.")


@asynccontextmanager
async def secluded(rig: Rig, api: Api, written: Written) -> AsyncIterator[Sidecar]:
    """A sidecar that may only know the services of its own, empty namespace."""
    name = f"{written.service.namespace}-hermits"
    metadata = {"name": "seclusion", "namespace": name}
    await api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    await api.apply(
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "Sidecar",
            "metadata": metadata,
            "spec": {"egress": [{"hosts": ["./*"]}]},
        }
    )
    async with connected(rig.istiod, name) as hermit:
        yield hermit
    await api.delete({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


async def test_a_proxy_that_comes_meanwhile_counts(
    rig: Rig, api: Api, written: Written, view: IstiodView, tmp_path: Path
) -> None:
    await proven(view, await written.split(v1=8_000, v2=2_000))
    [port] = free_ports(1)
    async with Children(tmp_path / "run") as children:
        starting = asyncio.create_task(
            Gateway.start(tmp_path, rig.istiod, api, children, "gateway-3", port)
        )
        written.gateways = (rig.gateway.reference, "crossfade-mesh/gateway-3")
        for number in range(2, 12):
            revision = await written.split(v1=WHOLE - number, v2=number)
            await proven(view, revision)
            assert await written.held_by(rig.gateway) == shares(revision)
        late = await starting
        revision = await written.split(v1=0, v2=WHOLE)
        proof = await proven(view, revision)
        assert await written.held_by(late) == shares(revision)
        assert proof == "2 of 2 proxies acknowledged generation 12 (1 istiod)"
        await api.delete(late.manifest)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.usefixtures("sidecar")
async def test_every_rule_is_proven(
    rig: Rig, api: Api, namespace: str, view: IstiodView, folder: Path
) -> None:
    golden = intent_in(folder)
    key = replace(golden.key, namespace=namespace)
    gateways = (MESH_GATEWAY, rig.gateway.reference)
    intent = replace(golden, key=key, gateways=gateways)
    labels = {version.name: dict(version.labels) for version in intent.versions}
    service = SampleService(api, namespace, key.service, labels)
    await service.create(*labels)
    written = Written(api, service, gateways)
    arms = tuple(replace(arm, weight=0) for arm in intent.versions[1:])
    alone = (replace(intent.versions[0], weight=WHOLE), *arms)
    await proven(view, await written.write(Intent(key, alone, gateways=gateways)))

    proof = await proven(view, await written.write(intent))

    assert proof == "2 of 2 proxies acknowledged generation 2 (1 istiod)"

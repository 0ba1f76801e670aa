"""In which order the objects of a rule change, read from the writes that reached the API server."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.api import Api
from tests.cluster.mesh_stand import Stand, named, picture_of, revision_of, standing
from tests.cluster.rig import Rig

from crossfade.adapters.kubernetes.mesh import KubernetesMesh
from crossfade.adapters.kubernetes.surroundings import KubernetesSurroundings
from crossfade.domain.around import Around, Backing
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.intent import Intent, Mirror, Version
from crossfade.manifests.pair import LEAVING_ANNOTATION

pytestmark = pytest.mark.cluster

RULES, ROUTES = "patch destinationrules", "patch virtualservices"


@pytest.fixture
async def stand(rig: Rig, api: Api, namespace: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(rig.kubeconfig, api, namespace, tmp_path) as stand:
        yield stand


def subsets(written: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in written["spec"]["subsets"]]


def destinations(written: Mapping[str, Any]) -> set[str]:
    """Every subset that the routes of a VirtualService name."""
    http = written["spec"]["http"]
    arms = [arm["destination"]["subset"] for entry in http for arm in entry["route"]]
    return {*arms, *(entry["mirror"]["subset"] for entry in http if "mirror" in entry)}


def states(stand: Stand) -> Iterator[tuple[list[str], set[str]]]:
    """After each write: the subsets that were there, and those that the routes named."""
    known: list[str] = []
    routed: set[str] = set()
    for call in stand.weather.writes:
        if "spec" not in call.document:
            continue  # only its managers changed
        if call.resource == "destinationrules":
            known = subsets(call.document)
        else:
            routed = destinations(call.document)
        yield known, routed


async def test_a_new_rule_has_its_subsets_before_its_routes(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))

    created = [call.resource for call in stand.weather.writes if call.verb == "create"]
    assert created == ["destinationrules", "virtualservices"]
    rehearsed = [call.resource for call in stand.weather.calls if call.dry]
    assert rehearsed == created


async def test_a_version_that_comes_has_its_subset_before_its_weight(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=10_000))
    stand.forget_calls()

    await stand.deploy(stand.split(2, v1=9_000, v2=1_000))

    assert stand.writes == [RULES, ROUTES]


async def test_a_version_that_leaves_keeps_its_subset_until_the_proxies_let_go(
    stand: Stand,
) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    revision = stand.split(2, v1=9_000, v3=1_000)
    stand.proxies.connected = False
    await stand.mesh.apply(revision)

    with pytest.raises(UnavailableError, match="No proxy is connected"):
        await stand.mesh.effective(revision)

    waiting = await stand.present("DestinationRule")
    assert subsets(waiting) == ["v1", "v3", "v2"]
    assert waiting["metadata"]["annotations"][LEAVING_ANNOTATION] == "v2"
    observed = await stand.mesh.observe(stand.key)
    assert observed is not None
    assert observed.picture == picture_of(revision)  # what waits to go is no drift

    stand.proxies.connected = True
    stand.forget_calls()
    await stand.mesh.effective(revision)

    assert stand.writes == [RULES]
    done = await stand.present("DestinationRule")
    assert subsets(done) == ["v1", "v3"]
    assert LEAVING_ANNOTATION not in done["metadata"]["annotations"]


async def test_a_subset_leaves_also_where_another_mesh_wrote_the_routes(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    revision = stand.split(2, v1=10_000)
    await stand.without_proof().apply(revision)
    await stand.in_step()

    await stand.deploy(revision)

    assert subsets(await stand.present("DestinationRule")) == ["v1"]


async def test_no_route_ever_names_a_subset_that_is_missing(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=10_000))
    stand.forget_calls()
    intents = [
        stand.intent(v1=9_900, v2=100),
        stand.intent(v2=5_000, v3=5_000),
        replace(stand.intent(v3=10_000, v1=0), mirror=Mirror("v1")),
        stand.intent(v1=10_000),
        Intent(stand.key, (Version("v1", 4_000, (("version", "v2"),)), Version("v3", 6_000))),
    ]

    for generation, intent in enumerate(intents, start=2):
        await stand.deploy(revision_of(intent, generation))

    passed = list(states(stand))
    assert len(passed) > len(intents)
    for (_, earlier), (known, routed) in pairwise([(["v1"], {"v1"}), *passed]):
        assert routed <= set(known)
        # The proxies may lag behind by one picture: what it named is there too, until proven.
        assert earlier <= set(known) or earlier == routed


async def test_a_version_without_ready_endpoints_gets_no_weight(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=10_000))
    await stand.service.set_ready("v2", 0)
    await stand.until_ready("v2", 0)
    stand.forget_calls()

    with pytest.raises(RefusedError, match="v2 of checkout has 0 of 2 endpoints ready"):
        await stand.mesh.apply(stand.split(2, v1=9_900, v2=100))
    with pytest.raises(RefusedError, match="v4 of checkout has no endpoints"):
        await stand.mesh.apply(stand.split(2, v1=9_900, v4=100))
    assert stand.calls == []

    await stand.mesh.apply(stand.split(2, v1=10_000, v2=0))  # at rest it harms nobody
    await stand.service.set_ready("v2", 1)
    await stand.until_ready("v2", 1)
    await stand.mesh.apply(stand.split(3, v1=9_900, v2=100))


async def test_traffic_leaves_a_version_whose_endpoints_are_gone(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=5_000, v2=5_000))
    await stand.service.set_ready("v2", 0)
    await stand.until_ready("v2", 0)

    await stand.deploy(stand.split(2, v1=10_000))

    assert destinations(await stand.present("VirtualService")) == {"v1"}


class Fading:
    """Surroundings in which v2 is ready only at the first look."""

    def __init__(self, real: KubernetesSurroundings) -> None:
        self._real = real
        self.looks = 0

    def around(self, intent: Intent) -> Around:
        """What stands around a rule."""
        self.looks += 1
        found = self._real.around(intent)
        gone = {"v2": Backing(0, 2)} if self.looks > 1 else {}
        return replace(found, backing={**found.backing, **gone})

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


async def test_endpoints_that_go_while_the_subset_is_written_stop_the_routes(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=10_000))
    await stand.in_step()
    fading = Fading(stand.surroundings)
    mesh = KubernetesMesh(stand.connection, stand.sight, fading)
    stand.forget_calls()

    with pytest.raises(RefusedError, match="0 of 2 endpoints ready"):
        await mesh.apply(stand.split(2, v1=5_000, v2=5_000))

    assert stand.writes == [RULES]
    assert destinations(await stand.present("VirtualService")) == {"v1"}


async def test_a_host_that_another_virtual_service_routes_is_refused(stand: Stand) -> None:
    namespace = stand.key.namespace
    other = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "legacy", "namespace": namespace},
        "spec": {
            "hosts": [f"checkout.{namespace}.svc.cluster.local"],
            "http": [{"route": [{"destination": {"host": "checkout"}}]}],
        },
    }
    await stand.api.apply(other)
    await stand.until_hindered(stand.intent(v1=10_000))

    with pytest.raises(RefusedError, match=f"VirtualService {namespace}/legacy already routes"):
        await stand.mesh.apply(stand.split(1, v1=10_000))

    assert stand.weather.writes == []


async def test_a_subset_that_another_destination_rule_defines_otherwise_is_refused(
    stand: Stand,
) -> None:
    namespace = stand.key.namespace
    other = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": "legacy", "namespace": namespace},
        "spec": {"host": "checkout", "subsets": [{"name": "v1", "labels": {"version": "old"}}]},
    }
    await stand.api.apply(other)
    await stand.until_hindered(stand.intent(v1=10_000))

    with pytest.raises(RefusedError, match=f"DestinationRule {namespace}/legacy gives v1"):
        await stand.mesh.apply(stand.split(1, v1=10_000))

    assert stand.weather.writes == []


async def test_a_claim_that_comes_later_holds_no_weight_where_it_is(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=5_000, v2=5_000))
    metadata = {"name": "legacy", "namespace": stand.key.namespace}
    late = {**named("VirtualService", stand.key), "metadata": metadata}
    await stand.api.apply({**late, "spec": {"hosts": ["checkout"]}})
    await stand.until_hindered(stand.intent(v1=10_000))

    await stand.deploy(stand.split(2, v1=10_000, v2=0))

    with pytest.raises(RefusedError, match="already routes checkout on mesh"):
        await stand.mesh.apply(stand.split(3, v1=9_000, v3=1_000))

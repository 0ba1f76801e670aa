"""What is seen around a rule is what stands there in the cluster."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import pytest
from tests.cluster.apart import CLUSTER, Apart, kept
from tests.cluster.api import Manifest
from tests.cluster.samples import SampleService

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.kubernetes.objects import EndpointSlice, Service
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.adapters.kubernetes.surroundings import KubernetesSurroundings
from crossfade.domain.around import (
    Around,
    Backing,
    Claim,
    DiscoveredService,
    DiscoveredVersion,
    Obstacle,
)
from crossfade.domain.errors import UnavailableError
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey

pytestmark = pytest.mark.cluster

SERVICE = "dummy-service"
PATIENCE_S = 20.0


@pytest.fixture
async def sight(own: Apart) -> AsyncIterator[Sight]:
    async with own.sight() as whole:
        yield whole


@pytest.fixture
def surroundings(sight: Sight) -> KubernetesSurroundings:
    return KubernetesSurroundings(sight, CLUSTER)


@pytest.fixture
def sample(own: Apart) -> SampleService:
    return SampleService(own.api, own.namespace)


def intent(own: Apart, *arms: Version, namespace: str | None = None) -> Intent:
    versions = arms or (Version("v1", 5000), Version("v2", 5000))
    return Intent(ServiceKey(CLUSTER, namespace or own.namespace, SERVICE), versions)


def discovered(
    own: Apart, *versions: DiscoveredVersion, ports: tuple[int, ...] = (80,)
) -> tuple[DiscoveredService, ...]:
    key = ServiceKey(CLUSTER, own.namespace, SERVICE)
    return (DiscoveredService(key, versions, ports),)


def version(name: str, ready: int, known: int, label: str = "version") -> DiscoveredVersion:
    return DiscoveredVersion(name, ((label, name),), Backing(ready, known))


async def seen(sight: Sight, look: Callable[[], object], expected: object) -> None:
    """What is looked at becomes what is expected; shown as it is where it does not."""
    if not await sight.until(lambda: look() == expected, PATIENCE_S):
        assert look() == expected


async def test_versions_are_the_labels_of_pods_behind_a_service_with_how_many_are_ready(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings, sample: SampleService
) -> None:
    await sample.create("v1", "v2", replicas=2)
    await seen(
        sight, surroundings.services, discovered(own, version("v1", 2, 2), version("v2", 2, 2))
    )

    await sample.set_ready("v2", 1)
    await seen(
        sight, surroundings.services, discovered(own, version("v1", 2, 2), version("v2", 1, 2))
    )

    await sample.remove("v2")
    await seen(sight, surroundings.services, discovered(own, version("v1", 2, 2)))


async def test_a_version_may_be_told_by_the_recommended_label_and_is_named_as_a_subset_may_be(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings, sample: SampleService
) -> None:
    label = "app.kubernetes.io/version"
    sample.labels = {"new": {label: "1.4.0"}, "none": {}}
    await sample.create("new", "none")

    found = DiscoveredVersion("1-4-0", ((label, "1.4.0"),), Backing(1, 1))
    await seen(sight, surroundings.services, discovered(own, found))


async def test_endpoints_on_their_way_out_do_not_count(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings, sample: SampleService
) -> None:
    await sample.create("v1", replicas=2)
    slice_ = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{SERVICE}-1", "namespace": own.namespace},
    }
    found = await own.api.get(slice_)
    assert found is not None
    leaving = {"ready": True, "serving": True, "terminating": True}
    first, second = found["endpoints"]

    await own.api.patch(slice_, {"endpoints": [{**first, "conditions": leaving}, second]})

    await seen(sight, surroundings.services, discovered(own, version("v1", 1, 1)))


async def test_a_pod_in_several_slices_counts_once_and_an_empty_slice_not_at_all(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings, sample: SampleService
) -> None:
    await sample.create("v1")
    labels = {"kubernetes.io/service-name": SERVICE}
    target = {"kind": "Pod", "name": f"{SERVICE}-v1-0", "namespace": own.namespace}
    more = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "six", "namespace": own.namespace, "labels": labels},
        "addressType": "IPv6",
        "ports": [],
        "endpoints": [{"addresses": ["2001:db8::1"], "targetRef": target}],
    }
    metadata = {"name": "empty", "namespace": own.namespace, "labels": labels}
    empty = {**more, "metadata": metadata, "endpoints": []}
    await own.api.apply_all([more, empty])

    await seen(sight, lambda: len(sight.objects(EndpointSlice, own.namespace)), 3)
    assert surroundings.services() == discovered(own, version("v1", 1, 1))


async def test_a_service_that_nothing_answers_for_is_there_without_versions(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings
) -> None:
    ports = [{"name": "http", "port": 8080}, {"name": "admin", "port": 9090}]
    await own.api.apply(service(own, SERVICE, ports=ports))

    await seen(sight, surroundings.services, discovered(own, ports=(8080, 9090)))


async def test_services_come_by_namespace_and_name_and_the_api_server_is_not_one(
    own: Apart, sample: SampleService
) -> None:
    sight = Sight(own.connection, [own.namespace, "default"], CLUSTER, SystemClock())
    surroundings = KubernetesSurroundings(sight, CLUSTER)
    await sample.create("v1")
    await own.api.apply(service(own, "another", ports=[{"port": 80}]))

    async with kept(sight):
        assert await sight.until(lambda: sight.synced, PATIENCE_S)
        assert sight.find(Service, "default", "kubernetes")

        found = [str(one.key) for one in surroundings.services()]

    assert found == [f"{own.namespace}/another", f"{own.namespace}/{SERVICE}"]
    assert sight.health == "5 kinds in 2 namespaces are watched."


async def test_an_arm_is_backed_by_the_pods_that_carry_all_of_its_labels(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings, sample: SampleService
) -> None:
    sample.labels = {"blue": {"color": "blue", "tier": "web"}, "red": {"color": "red"}}
    await sample.create("blue", "red", replicas=2)
    await sample.set_ready("blue", 1)
    arms = (
        Version("blue", 5000, (("color", "blue"), ("tier", "web"))),
        Version("red", 2500, (("color", "red"), ("tier", "web"))),
        Version("any", 2500, (("app", SERVICE),)),
    )

    expected = {"blue": Backing(1, 2), "red": Backing(0, 0), "any": Backing(3, 4)}
    await seen(sight, lambda: surroundings.around(intent(own, *arms)).backing, expected)


async def test_an_object_of_the_rules_name_that_is_not_ours_stands_in_the_way_with_its_owner(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings
) -> None:
    await own.api.apply(routing(own, "VirtualService", SERVICE), manager="helm")
    await own.api.apply(routing(own, "DestinationRule", SERVICE, **{MANAGED: "flux"}))
    await own.api.apply(routing(own, "VirtualService", "theirs", hosts=["other.example.com"]))
    where = f"{own.namespace}/{SERVICE}"

    expected = tuple(
        Obstacle("object-not-ours", f"{kind} {where} {words}; Crossfade does not overwrite it.")
        for kind, words in (
            ("VirtualService", "belongs to helm"),
            ("DestinationRule", "belongs to flux"),
        )
    )
    await seen(sight, lambda: surroundings.around(intent(own)).obstacles, expected)


async def test_our_own_objects_are_no_obstacle_and_a_host_of_another_is_claimed(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings
) -> None:
    ours = routing(own, "VirtualService", SERVICE, **{MANAGED: "crossfade"})
    theirs = routing(own, "VirtualService", "theirs", hosts=[SERVICE])
    await own.api.apply_all([ours, theirs])

    nothing = dict.fromkeys(("v1", "v2"), Backing(0, 0))
    claim = Claim(SERVICE, "mesh", f"VirtualService {own.namespace}/theirs")
    await seen(sight, lambda: surroundings.around(intent(own)), Around(nothing, (claim,)))


async def test_what_others_know_of_is_an_obstacle_too(own: Apart, sight: Sight) -> None:
    found = Obstacle("argo-cd-heals", "Argo CD would undo it.")
    surroundings = KubernetesSurroundings(sight, CLUSTER, lambda _: (found,))

    assert surroundings.around(intent(own)).obstacles == (found,)


async def test_a_namespace_that_is_not_ours_is_an_obstacle_by_itself(
    own: Apart, surroundings: KubernetesSurroundings
) -> None:
    around = surroundings.around(intent(own, namespace="bank"))

    message = f"Crossfade does not work in namespace bank, only in {own.namespace}."
    assert around == Around(obstacles=(Obstacle("namespace-not-watched", message, "/namespace"),))


async def test_nothing_is_said_before_everything_was_heard(own: Apart) -> None:
    sight = Sight(own.connection, [own.namespace], CLUSTER, SystemClock())
    surroundings = KubernetesSurroundings(sight, CLUSTER)

    with pytest.raises(UnavailableError, match="was not yet asked to list "):
        surroundings.around(intent(own))
    with pytest.raises(UnavailableError, match="was not yet asked to list services "):
        surroundings.services()


async def test_services_whose_routing_changed_are_told_once(
    own: Apart, sight: Sight, surroundings: KubernetesSurroundings, sample: SampleService
) -> None:
    await sample.create("v1")
    await own.api.apply(routing(own, "DestinationRule", SERVICE))
    await own.api.apply(routing(own, "VirtualService", "checkout.of.nobody", hosts=["a.b"]))
    await own.api.apply(routing(own, "VirtualService", "checkout"))
    changed: set[str] = set()

    def told() -> set[str]:
        changed.update(key.service for key in surroundings.changed())
        return changed

    await seen(sight, told, {SERVICE, "checkout"})
    assert surroundings.changed() == frozenset()


MANAGED = "app.kubernetes.io/managed-by"


def service(own: Apart, name: str, ports: Sequence[Mapping[str, Any]]) -> Manifest:
    """A Service without a selector."""
    metadata = {"name": name, "namespace": own.namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": ports}}


def routing(
    own: Apart, kind: str, name: str, *, hosts: Sequence[str] = (), **labels: str
) -> Manifest:
    """A VirtualService or DestinationRule with these labels."""
    route = [{"route": [{"destination": {"host": SERVICE}}]}]
    specs = {
        "VirtualService": {"hosts": list(hosts) or [name], "http": route},
        "DestinationRule": {"host": name},
    }
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": own.namespace, "labels": labels},
        "spec": specs[kind],
    }

"""Versions and what answers for them, read from objects as API servers really send them."""

from collections.abc import Mapping
from typing import Any

import pytest

from crossfade.adapters.kubernetes.discovery import Endpoint, backing, discovered, endpoints
from crossfade.domain.around import Backing, DiscoveredVersion
from crossfade.domain.names import ServiceKey

KEY = ServiceKey("test", "shop", "checkout")
BEHIND = {"kubernetes.io/service-name": "checkout"}


def pod(name: str, **metadata: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return {"metadata": {"name": name, "labels": {"version": "v1"}, **metadata}}


def endpoint(name: str, **conditions: bool | None) -> Mapping[str, Any]:
    return {"targetRef": {"kind": "Pod", "name": name}, "conditions": conditions}


def slice_of(*listed: Mapping[str, Any], **metadata: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return {"metadata": {"labels": BEHIND, **metadata}, "endpoints": list(listed)}


def behind(*labels: Mapping[str, str], ready: bool = True) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(one, ready) for one in labels)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, [True]),
        ({"ready": None}, [True]),
        ({"ready": True, "terminating": False}, [True]),
        ({"ready": False}, [False]),
        ({"ready": True, "terminating": True}, []),
    ],
)
def test_an_endpoint_is_ready_unless_it_says_otherwise_and_gone_when_it_leaves(
    conditions: dict[str, bool | None], found: list[bool]
) -> None:
    seen = endpoints("checkout", [slice_of(endpoint("a", **conditions))], {"a": pod("a")})

    assert [one.ready for one in seen] == found


def test_a_pod_that_is_ready_in_one_slice_is_ready() -> None:
    slices = [slice_of(endpoint("a", ready=True)), slice_of(endpoint("a", ready=False))]

    assert endpoints("checkout", slices, {"a": pod("a")}) == behind({"version": "v1"})
    assert endpoints("checkout", slices[::-1], {"a": pod("a")}) == behind({"version": "v1"})


def test_only_pods_that_are_known_and_stay_are_behind_a_service() -> None:
    slices = [
        slice_of(endpoint("leaves"), endpoint("unknown"), {"addresses": ["192.0.2.1"]}),
        slice_of(endpoint("a"), labels={"kubernetes.io/service-name": "cart"}),
        slice_of(endpoint("a"), labels=None),
        {"metadata": {"labels": BEHIND}, "endpoints": None, "ports": None},
    ]
    pods = {"a": pod("a"), "leaves": pod("leaves", deletionTimestamp="2026-01-01T00:00:00Z")}

    assert endpoints("checkout", slices, pods) == ()


def test_a_version_is_backed_by_pods_with_all_its_labels() -> None:
    seen = (*behind({"a": "1", "b": "2"}, {"a": "1"}), *behind({"a": "1", "b": "2"}, ready=False))

    assert backing(seen, (("a", "1"), ("b", "2"))) == Backing(1, 2)
    assert backing(seen, (("a", "1"),)) == Backing(2, 3)
    assert backing(seen, (("a", "2"),)) == Backing(0, 0)


def test_the_plainer_label_tells_the_version() -> None:
    plain, recommended = ("version", "v1"), ("app.kubernetes.io/version", "v1")
    seen = behind(dict([plain, ("app.kubernetes.io/version", "7")]), dict([recommended]))

    found = discovered(KEY, {}, seen)

    assert found.versions == (DiscoveredVersion("v1", (plain,), Backing(1, 1)),)
    assert found.ports == ()


@pytest.mark.parametrize(
    ("value", "named"), [("v1", "v1"), ("1.4.0", "1-4-0"), ("V2_beta", "v2-beta"), ("7.", "7")]
)
def test_a_version_is_named_as_a_subset_may_be(value: str, named: str) -> None:
    versions = discovered(KEY, {}, behind({"version": value})).versions

    assert versions == (DiscoveredVersion(named, (("version", value),), Backing(1, 1)),)

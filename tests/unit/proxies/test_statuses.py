"""Which proxies may carry a rule's routes, and what they have acknowledged."""

from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.values import an_intent
from tests.unit.proxies.pages import nonce, status

from crossfade.adapters.kubernetes.proxies.statuses import ROUTER, WAYPOINT, roll
from crossfade.domain.intent import MESH_GATEWAY

INSIDE = replace(an_intent(), gateways=(MESH_GATEWAY,))
OUTSIDE = replace(an_intent(), gateways=("ingress/public",))
BOTH = replace(an_intent(), gateways=(MESH_GATEWAY, "ingress/public"))
SIDECAR_A = status("a.shop", clusters=(4, 4), listeners=(4, 4), routes=(4, 4))
GATEWAY = status("gw-1.shop", ROUTER, clusters=(4, 4), listeners=(4, 4), routes=(5, 4))


def named(statuses: list[dict[str, Any]], intent: Any = BOTH) -> list[str]:  # noqa: ANN401
    return [proxy.id for proxy in roll(statuses, intent, at=0).proxies]


def test_the_rules_gateways_say_which_proxies_may_carry_it() -> None:
    statuses = [SIDECAR_A, GATEWAY]

    assert named(statuses, INSIDE) == ["a.shop"]
    assert named(statuses, OUTSIDE) == ["gw-1.shop"]
    assert named(statuses, BOTH) == ["a.shop", "gw-1.shop"]


def test_ztunnel_and_proxies_without_routes_do_not_count() -> None:
    ztunnel = status("z.istio-system", "ztunnel", routes=(4, 4))
    bare = status("b.shop", ROUTER, clusters=(4, 4), listeners=(4, 4))

    assert named([ztunnel, bare]) == []


def test_a_proxy_that_is_getting_its_first_configuration_counts() -> None:
    assert named([status("new.shop", clusters=(4, 4), listeners=(4, -1))]) == ["new.shop"]


def test_an_istiod_that_names_no_kinds_leaves_them_open() -> None:
    assert named([status("a.shop", "", routes=(4, 4))], OUTSIDE) == ["a.shop"]


def test_a_waypoints_routes_are_in_its_listeners() -> None:
    waypoint = status("w.shop", WAYPOINT, clusters=(4, 4), listeners=(5, 4))

    [proxy] = roll([waypoint], INSIDE, at=0).proxies

    assert proxy.acknowledges(4)
    assert not proxy.acknowledges(5)


@pytest.mark.parametrize(
    ("clusters", "routes", "holds"),
    [
        ((4, 4), (5, 5), True),  # no new clusters were due
        ((5, 5), (5, 5), True),
        ((6, 5), (5, 5), True),
        ((5, 4), (5, 5), False),  # it has not taken the clusters
        ((5, 5), (5, 4), False),
        ((4, 4), (4, 4), False),
        ((5, 5), (6, 6), True),
    ],
)
def test_a_push_is_acknowledged_with_its_clusters_and_its_routes(
    clusters: tuple[int, int],
    routes: tuple[int, int],
    holds: bool,  # noqa: FBT001
) -> None:
    [proxy] = roll([status("a.shop", clusters=clusters, routes=routes)], INSIDE, at=0).proxies

    assert proxy.acknowledges(5) is holds


def test_an_older_istiod_tells_nonces_one_by_one() -> None:
    older = {"proxy": "a.shop", "route_sent": nonce(5), "route_acked": nonce(4)}

    [proxy] = roll([older], INSIDE, at=0).proxies

    assert proxy.acknowledges(4)
    assert not proxy.settled


def test_a_refusal_is_told() -> None:
    refusing = status("a.shop", routes=(5, 4))
    for answer in refusing["resources"].values():
        answer["lastError"] = "no such filter"

    [proxy] = roll([refusing], INSIDE, at=0).proxies

    assert proxy.refusal == "no such filter"


def test_the_newest_push_is_the_newest_of_anybody() -> None:
    ours, others = GATEWAY, status("b.shop", clusters=(9, 4), routes=(8, 8))

    assert roll([ours, others], OUTSIDE, at=0).newest == 9
    assert roll([], OUTSIDE, at=0).newest == -1


def test_a_roll_tells_when_something_was_sent_to_anybody() -> None:
    before = roll([GATEWAY, SIDECAR_A], OUTSIDE, at=0)
    acknowledged = status("gw-1.shop", ROUTER, clusters=(4, 4), listeners=(4, 4), routes=(5, 5))
    moved = status("a.shop", clusters=(4, 4), listeners=(4, 4), routes=(5, 4))

    assert roll([acknowledged, SIDECAR_A], OUTSIDE, at=1).sent == before.sent
    assert roll([GATEWAY, moved], OUTSIDE, at=1).sent != before.sent


def test_only_a_proxy_whose_name_no_other_holds_can_be_asked_for() -> None:
    names = ("gw-1.shop", "my-gw-1.shop", "gw-1.shop-floor", "gw-10.shop", "b.shop", "b.shop")
    found = roll([status(name, routes=(4, 4)) for name in names], INSIDE, at=0)

    apart = [proxy.id for proxy in found.proxies if found.tells_apart(proxy)]

    assert apart == ["my-gw-1.shop", "gw-1.shop-floor", "gw-10.shop"]


def test_another_kind_of_nonce_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        roll([{"proxy": "a.shop", "proxy_type": "sidecar", "route_sent": "x" * 50}], INSIDE, at=0)

"""What may be said after which looks at an istiod, and when it may be asked what."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.fakes.values import an_intent
from tests.unit.proxies.pages import status

from crossfade.adapters.kubernetes.proxies.dumps import SidecarScope, View
from crossfade.adapters.kubernetes.proxies.expectation import expectation_of
from crossfade.adapters.kubernetes.proxies.ledger import (
    MOST,
    NOTHING_YET,
    QUIET_S,
    SETTLE_S,
    SHADOW_S,
    Ledger,
    Look,
    Remembered,
    Standing,
)
from crossfade.adapters.kubernetes.proxies.statuses import ROUTER, SIDECAR, Proxy, roll
from crossfade.domain.intent import MESH_GATEWAY

INTENT = replace(an_intent(), gateways=(MESH_GATEWAY, "ingress/public"))
EXPECTED = expectation_of(INTENT, {})
OLD = expectation_of(replace(an_intent(canary=500), gateways=INTENT.gateways), {})
HOSTS = frozenset({"checkout.shop.svc.cluster.local"})
SINCE_BEFORE = Remembered(OLD, HOSTS, "a.shop")
STEP_S = 0.01
DUMP = Look.DUMP
CLOSE = Look.DUMP_AND_SCOPE


def shows(push: int) -> View:
    return View(push, HOSTS)


def other(push: int) -> View:
    return View(push, HOSTS, "route weighted with v1 95%, v2 5%")


@dataclass
class Watch:
    """A ledger that is told of proxies by their pushes, while time goes on."""

    ledger: Ledger
    now: float = 0.0
    turned: float = 0.0
    proxies: dict[str, Proxy] = field(default_factory=dict)

    def hear(self, after_s: float = STEP_S, **pushes: tuple[int, int]) -> list[tuple[Look, str]]:
        """What is asked after proxies a, b... were heard to have been sent, and acknowledged."""
        self.now += after_s
        statuses = [_status(name, *both) for name, both in pushes.items()]
        found = roll(statuses, INTENT, self.now)
        self.proxies = {proxy.id.partition(".")[0]: proxy for proxy in found.proxies}
        self.ledger.heard(found)
        asked = self.ledger.looks(self.turned, self.now)
        return [(look, proxy.id.partition(".")[0]) for look, proxy in asked]

    def see(self, name: str, view: View, scope: SidecarScope | None = None) -> None:
        self.ledger.saw(self.proxies[name], view, scope, self.now)

    def standing(self, name: str) -> Standing:
        return self.ledger.standing(self.proxies[name], self.turned)


def _status(name: str, sent: int, acknowledged: int) -> dict[str, Any]:
    both = (sent, acknowledged)
    kind = ROUTER if name.startswith("gw") else SIDECAR
    return status(f"{name}.shop", kind, clusters=both, listeners=both, routes=both)


def watch(remembered: Remembered | None = SINCE_BEFORE) -> Watch:
    return Watch(Ledger(EXPECTED, 0.0, remembered))


def test_nothing_is_asked_before_something_moves() -> None:
    seen = watch()

    assert seen.hear(a=(3, 3)) == []
    assert seen.hear(a=(3, 3)) == []
    assert seen.standing("a") is Standing.MISSING


def test_a_push_is_looked_at_when_it_has_come_to_a_proxy() -> None:
    seen = watch()
    seen.hear(a=(3, 3), b=(3, 3))

    assert seen.hear(a=(4, 3), b=(3, 3)) == [(DUMP, "a")]
    seen.see("a", shows(4))

    assert seen.standing("a") is Standing.MISSING
    seen.hear(a=(4, 4), b=(4, 3))
    assert seen.standing("a") is Standing.PROVEN
    assert seen.standing("b") is Standing.MISSING
    seen.hear(a=(4, 4), b=(4, 4))
    assert seen.standing("b") is Standing.PROVEN


def test_one_carrier_is_enough_and_others_are_tried_where_none_is_known() -> None:
    known, unknown = watch(), watch(None)
    for seen in (known, unknown):
        seen.hear(a=(3, 3), b=(3, 3))

    assert known.hear(b=(4, 3), a=(4, 3)) == [(DUMP, "a")]
    assert unknown.hear(b=(4, 3), a=(4, 3)) == [(DUMP, "b"), (DUMP, "a")]


def test_a_push_with_other_weights_proves_nothing_and_the_next_one_is_looked_at() -> None:
    seen = watch()
    seen.hear(a=(3, 3))
    seen.hear(a=(4, 4))
    seen.see("a", other(4))

    assert seen.standing("a") is Standing.MISSING
    assert seen.ledger.difference == "a.shop is sent route weighted with v1 95%, v2 5%"
    assert seen.hear(a=(5, 5)) == [(DUMP, "a")]
    seen.see("a", shows(5))
    assert seen.standing("a") is Standing.PROVEN
    assert seen.ledger.difference is None


def test_other_weights_after_ours_take_the_proof_back() -> None:
    seen = watch()
    seen.hear(a=(3, 3))
    seen.hear(a=(4, 4))
    seen.see("a", shows(4))
    seen.see("a", other(5))

    assert seen.standing("a") is Standing.MISSING


def test_no_dump_is_asked_for_when_the_next_push_may_be_under_way() -> None:
    seen = watch()
    seen.hear(a=(3, 3))

    assert seen.hear(SHADOW_S + STEP_S, a=(4, 4)) == []
    assert seen.hear(a=(4, 4)) == []
    assert seen.hear(QUIET_S, a=(4, 4)) == [(DUMP, "a")]


def test_no_dump_is_asked_for_of_a_proxy_that_the_push_has_not_come_to() -> None:
    seen = watch()
    seen.hear(a=(3, 3), b=(3, 3))

    assert seen.hear(a=(3, 3), b=(4, 3)) == [(DUMP, "b")]
    assert seen.hear(a=(3, 3), gw=(5, 5), b=(4, 4)) == [(DUMP, "gw")]


def test_what_is_shown_at_once_may_be_there_from_before() -> None:
    seen = watch(Remembered(EXPECTED, HOSTS, "a.shop"))
    seen.hear(a=(3, 3))
    seen.hear(a=(4, 4))
    seen.see("a", shows(4))

    assert seen.standing("a") is Standing.MISSING
    assert seen.hear(SETTLE_S, a=(4, 4)) == [(CLOSE, "a")]
    seen.see("a", shows(4), SidecarScope(4, knows_service=True))
    assert seen.standing("a") is Standing.PROVEN


def test_the_first_generation_was_not_there_before() -> None:
    seen = watch(NOTHING_YET)
    seen.hear(a=(3, 3))
    assert seen.hear(a=(4, 4)) == [(DUMP, "a")]
    seen.see("a", shows(4))

    assert seen.standing("a") is Standing.PROVEN


def test_a_new_host_is_seen_to_arrive_at_the_proxy_that_had_none_of_it() -> None:
    seen = watch(Remembered(EXPECTED, HOSTS, "a.shop"))
    seen.hear(a=(3, 3))
    seen.hear(a=(4, 4))
    seen.see("a", View(4, HOSTS | {"shop.example.com"}))

    assert seen.standing("a") is Standing.PROVEN


def test_different_hosts_of_different_proxies_are_no_arrival() -> None:
    seen = watch(Remembered(EXPECTED, HOSTS, "a.shop"))
    seen.hear(gw=(3, 3))
    seen.hear(gw=(4, 4))
    seen.see("gw", View(4, frozenset({"shop.example.com"})))

    assert seen.standing("gw") is Standing.MISSING


def test_a_rule_is_held_since_the_push_of_its_proxys_scope() -> None:
    """Pushes for others went on since, without routes."""
    seen = watch(None)
    seen.hear(a=(3, 3), b=(3, 3))

    assert seen.hear(SETTLE_S, a=(3, 3), b=(3, 3)) == [(CLOSE, "a"), (CLOSE, "b")]
    seen.see("a", shows(8), SidecarScope(3, knows_service=True))

    assert seen.standing("a") is Standing.PROVEN
    assert seen.standing("b") is Standing.PROVEN


def test_routes_older_than_the_rule_prove_nothing_however_long_they_stay() -> None:
    seen = watch()
    seen.hear(a=(3, 3), b=(3, 3))
    seen.hear(a=(4, 4), b=(3, 3))
    seen.see("a", shows(4))
    for _ in range(10):
        seen.hear(SETTLE_S, a=(4, 4), b=(3, 3))

    assert seen.standing("b") is Standing.MISSING


def arrived_at_one(seen: Watch) -> None:
    seen.hear(a=(3, 3), b=(3, 3))
    seen.hear(a=(4, 4), b=(3, 3))
    seen.see("a", shows(4))


def test_a_sidecar_that_was_sent_nothing_is_asked_what_it_knows() -> None:
    seen = watch()
    arrived_at_one(seen)

    asked = [seen.hear(STEP_S, a=(4, 4), b=(3, 3)) for _ in range(40)]

    assert [looks for looks in asked if looks] == [[(Look.SCOPE, "b")]] * 2
    seen.ledger.scoped(seen.proxies["b"], SidecarScope(4, knows_service=False))
    assert seen.standing("b") is Standing.ELSEWHERE


@pytest.mark.parametrize(
    "scope", [SidecarScope(3, knows_service=False), SidecarScope(4, knows_service=True)]
)
def test_an_old_scope_or_one_that_knows_the_service_excuses_nobody(scope: SidecarScope) -> None:
    seen = watch()
    arrived_at_one(seen)

    seen.ledger.scoped(seen.proxies["b"], scope)

    assert seen.standing("b") is Standing.MISSING


def test_a_proxy_whose_dump_has_none_of_it_carries_nothing() -> None:
    seen = watch()
    arrived_at_one(seen)
    seen.see("b", View(3))
    assert seen.standing("b") is Standing.MISSING

    seen.see("b", View(4))
    assert seen.standing("b") is Standing.ELSEWHERE


def test_that_nobody_carries_it_is_known_a_while_after_it_arrived_elsewhere() -> None:
    seen = watch(None)
    seen.hear(gw=(3, 3))
    assert seen.hear(SETTLE_S, gw=(3, 3)) == [(CLOSE, "gw")]
    seen.see("gw", View(3), SidecarScope(3, knows_service=True))
    assert seen.standing("gw") is Standing.ELSEWHERE

    seen.turned = seen.now

    assert seen.standing("gw") is Standing.MISSING
    assert seen.hear(SETTLE_S, gw=(3, 3)) == [(CLOSE, "gw")]


def test_a_proxy_that_answers_nothing_is_left_alone() -> None:
    seen = watch()
    arrived_at_one(seen)

    asked = [seen.hear(STEP_S, a=(4, 4), b=(4, 3)) for _ in range(100)]

    assert not any(asked)


def test_looks_come_to_an_end() -> None:
    seen = watch(None)
    seen.hear(a=(0, 0))
    asked = 0
    for push in range(1, 2 * MOST):
        looks: Sequence[object] = seen.hear(a=(push, push))
        asked += len(looks)
        seen.see("a", other(push))

    assert asked == MOST
    assert seen.ledger.exhausted


def test_before_anything_was_heard_nothing_is_asked() -> None:
    assert Ledger(EXPECTED, 0.0, None).looks(0.0, 0.0) == []

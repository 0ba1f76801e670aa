"""What is watched is what the API server holds, through whatever happens on the way there."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.cluster import waiting
from tests.cluster.apart import CLUSTER, READING, Apart, Rights, kept
from tests.cluster.weather import Answer, Silence

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.kubernetes.objects import DestinationRule, Pod, Service, VirtualService
from crossfade.adapters.kubernetes.sight import KINDS, Sight
from crossfade.adapters.kubernetes.watching import Scope, Watched
from crossfade.domain.errors import RefusedError, UnavailableError

pytestmark = pytest.mark.cluster

HEALED_S = 30.0
IDLE_S = 60.0
ROUTES = "virtualservices"


def route(own: Apart, name: str = "checkout", weight: int = 100) -> Mapping[str, Any]:
    destination = {"host": name, "subset": "v1"}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": own.namespace},
        "spec": {
            "hosts": [name],
            "http": [{"route": [{"destination": destination, "weight": weight}]}],
        },
    }


def weight_in(sight: Sight, own: Apart, name: str = "checkout") -> int | None:
    found = sight.find(VirtualService, own.namespace, name)
    return found["spec"]["http"][0]["route"][0]["weight"] if found else None


async def heard(sight: Sight, own: Apart, name: str, weight: int | None = 100) -> bool:
    return await sight.until(lambda: weight_in(sight, own, name) == weight, HEALED_S)


async def lost(sight: Sight) -> str:
    assert await sight.until(lambda: not sight.synced, HEALED_S)
    return sight.health


async def named(sight: Sight, cause: str) -> None:
    assert await sight.until(lambda: cause in sight.health, HEALED_S), sight.health


async def barred(account: Apart, sight: Sight, resource: str) -> None:
    """Come back when the watch of a resource is said to be forbidden.

    One that was let through, as the right was still thought to be there, is cut again.
    """
    cause = f"not allowed to watch {resource} in namespace {account.namespace}"

    async def is_told() -> bool:
        await account.weather.cut(resource)
        return cause in sight.health

    assert await waiting.last_seen(is_told, wanted=True, within_s=HEALED_S), sight.health


async def healed(sight: Sight) -> bool:
    return await sight.until(lambda: sight.synced, HEALED_S)


async def until(holds: Callable[[], bool]) -> None:
    async def held() -> bool:
        return holds()

    await waiting.until(held, HEALED_S)


async def test_objects_come_change_and_go_and_each_change_is_told(own: Apart) -> None:
    async with own.sight() as sight:
        told: list[type] = []
        sight.on_change(told.append)

        await own.api.apply(route(own))
        assert await heard(sight, own, "checkout")
        await own.api.apply(route(own, weight=40))
        assert await heard(sight, own, "checkout", 40)
        await own.api.delete(route(own))
        assert await heard(sight, own, "checkout", None)

    assert told == [VirtualService] * 3
    assert [str(key) for key in sight.changed()] == [f"{own.namespace}/checkout"]
    assert sight.changed() == frozenset()


async def test_an_idle_minute_makes_no_call(own: Apart) -> None:
    async with own.sight() as sight:
        before = len(own.weather.calls)

        assert not await sight.until(lambda: len(own.weather.calls) > before, IDLE_S)

        assert before == 2 * len(KINDS)
        assert sight.health == f"5 kinds in namespace {own.namespace} are watched."


async def test_a_cut_watch_goes_on_from_where_it_was_and_loses_nothing(own: Apart) -> None:
    await own.api.apply(route(own, "goes"))
    async with own.sight() as sight:
        own.weather.hold(held=True)
        await own.api.delete(route(own, "goes"))
        await own.api.apply(route(own, "comes"))

        assert await own.weather.cut(ROUTES) == 1

        assert await heard(sight, own, "comes")
        assert await heard(sight, own, "goes", None)
    assert len(own.weather.asked("list", ROUTES)) == 1
    assert len(own.weather.asked("watch", ROUTES)) == 2


async def test_a_killed_api_server_is_named_and_what_was_known_stays(own: Apart) -> None:
    await own.api.apply(route(own))
    async with own.sight() as sight:
        watched = sight.watched(VirtualService, own.namespace)
        right_at = watched.since
        await own.kill()
        try:
            health = await lost(sight)
            known, since = weight_in(sight, own), watched.since
        finally:
            await own.restart()

        assert "the API server was cut" in health or "cannot be reached" in health
        assert known == 100
        assert right_at is not None
        assert since is not None
        assert since >= right_at
        assert await healed(sight)
        await own.api.apply(route(own, weight=10))
        assert await heard(sight, own, "checkout", 10)


async def test_an_api_server_that_has_forgotten_is_listed_anew(own: Apart) -> None:
    await own.api.apply(route(own, "goes"))
    async with own.sight() as sight:
        own.weather.hold(held=True)
        await own.api.delete(route(own, "goes"))
        await own.api.apply(route(own, "comes"))
        await own.kill()
        await own.restart()
        own.weather.calls.clear()

        await own.weather.cut()

        assert await heard(sight, own, "comes")
        assert await heard(sight, own, "goes", None)
        assert await healed(sight)
    assert own.weather.asked("list", ROUTES)


async def test_a_hung_api_server_is_noticed_and_heard_again_when_it_goes_on(own: Apart) -> None:
    async with own.sight(silence_s=2) as sight:
        own.hang()
        try:
            health = await lost(sight)
        finally:
            own.go_on()

        assert "in namespace" in health
        await own.api.apply(route(own, "comes"))
        assert await heard(sight, own, "comes")
        assert await healed(sight)


GONE = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}


async def test_gone_in_the_middle_of_a_watch_means_a_new_list(own: Apart) -> None:
    async with own.sight() as sight:
        own.weather.calls.clear()

        assert await own.weather.say(ROUTES, {"type": "ERROR", "object": GONE}) == 1

        await lost(sight)
        assert await healed(sight)
        assert len(own.weather.asked("list", ROUTES)) == 1
        await own.api.apply(route(own))
        assert await heard(sight, own, "checkout")


async def test_an_event_that_cannot_be_read_ends_the_watch_and_not_the_watching(
    own: Apart,
) -> None:
    async with own.sight() as sight:
        await own.weather.say(ROUTES, {"nonsense": 1})

        health = await lost(sight)

        where = f"watch virtualservices in namespace {own.namespace}"
        assert health == f"An event cannot be read, in the attempt to {where}."
        assert await healed(sight)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(429, headers={"retry-after": "1"}), "is too busy to watch {}; it asks to wait 1 s"),
        (Answer(502, "<h1>Bad Gateway</h1>"), "answered 502 to the attempt to watch {}: <h1>Bad"),
        (Answer(503), "answered 503 to the attempt to watch {}: an empty answer"),
    ],
)
async def test_an_answer_that_is_no_watch_is_the_cause_of_lost_sight(
    own: Apart, answer: Answer, said: str
) -> None:
    async with own.sight() as sight:
        own.weather.bring(answer, verb="watch", resource=ROUTES, times=3)
        await own.weather.cut(ROUTES)

        await named(sight, said.format(f"virtualservices in namespace {own.namespace}"))

        assert not sight.watched(VirtualService, own.namespace).synced
        assert sight.watched(Pod, own.namespace).synced
        assert await healed(sight)


async def test_a_watch_that_is_never_answered_is_given_up_and_tried_again(own: Apart) -> None:
    async with own.sight() as sight:
        own.weather.bring(Silence(), verb="watch", resource=ROUTES, times=1)
        await own.weather.cut(ROUTES)
        await lost(sight)

        await named(sight, "The API server did not answer in time to watch virtualservices in ")

        assert await healed(sight)


async def test_who_asks_to_be_left_alone_is_left_alone(own: Apart) -> None:
    async with own.sight() as sight:
        busy = Answer(429, headers={"retry-after": "3"})
        own.weather.bring(busy, verb="watch", resource=ROUTES, times=1)
        await own.weather.cut(ROUTES)
        await lost(sight)
        began = asyncio.get_running_loop().time()

        assert await healed(sight)

        assert asyncio.get_running_loop().time() - began >= 2.5


async def test_a_kind_that_is_no_longer_defined_is_named_until_it_is_again(own: Apart) -> None:
    await own.api.apply(route(own))
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "virtualservices.networking.istio.io"},
    }
    async with own.sight() as sight:
        await own.api.delete(definition)

        await named(sight, "The API server does not know virtualservices, so it cannot ")

        await own.define_kinds()
        assert await healed(sight), sight.health
        assert await heard(sight, own, "checkout", None)


async def test_a_right_that_is_taken_away_is_named_until_it_is_given_again(own: Apart) -> None:
    await own.give(READING)
    async with own.as_account() as account, account.sight() as sight:
        for resource in " ".join(resources for _, resources in READING).split():
            await own.give(without(READING, resource))
            await barred(account, sight, resource)
            await own.give(READING)
            assert await healed(sight), sight.health


async def test_rights_that_were_never_given_are_named_before_anything_was_heard(
    own: Apart,
) -> None:
    async with own.as_account() as account:
        sight = Sight(account.connection, [own.namespace], CLUSTER, SystemClock())
        async with kept(sight):
            cause = (
                f"Crossfade is not allowed to list destinationrules in namespace {own.namespace}"
            )
            await named(sight, f"{cause}: its Role lacks this right. (4 more like it)")
            with pytest.raises(UnavailableError, match=cause):
                sight.find(DestinationRule, own.namespace, "checkout")


async def test_one_object_is_watched_with_a_right_for_its_name_alone(own: Apart) -> None:
    await own.give([("networking.istio.io", ROUTES)], names=["checkout"])
    await own.api.apply(route(own))
    await own.api.apply(route(own, "other"))
    told: list[str | None] = []
    async with own.as_account() as account:
        scope = Scope(VirtualService, own.namespace, "checkout")
        watched = Watched(
            account.connection, scope, SystemClock(), lambda _, name: told.append(name)
        )
        keeping = asyncio.create_task(watched.keep())

        await until(lambda: watched.synced)
        await own.api.apply(route(own, weight=7))
        await until(lambda: told.count("checkout") == 2)

        keeping.cancel()
    assert list(watched.objects) == ["checkout"]


def without(rights: Rights, resource: str) -> Rights:
    kept = {name: " ".join(one for one in text.split() if one != resource) for name, text in rights}
    return [(name, text) for name, text in kept.items() if text]


async def test_what_is_not_watched_is_refused_by_name(own: Apart) -> None:
    async with own.sight() as sight:
        with pytest.raises(RefusedError, match=r"^Namespace bank is not among those"):
            sight.objects(Service, "bank")

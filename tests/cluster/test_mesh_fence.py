"""Who may write: nobody with an old picture, and nobody to what is another's."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.api import Api
from tests.cluster.census import census, differences
from tests.cluster.mesh_stand import KINDS, Stand, another, named, picture_of, standing
from tests.cluster.rig import Rig
from tests.cluster.weather import Cut

from crossfade.domain.errors import OutrunError, RefusedError, UnavailableError
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision
from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.pair import LEAVING_ANNOTATION

pytestmark = pytest.mark.cluster

ROUNDS = 5
RACERS = 12
PATCH = "patch virtualservices"


@pytest.fixture
async def stand(rig: Rig, api: Api, namespace: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(rig.kubeconfig, api, namespace, tmp_path) as stand:
        yield stand


@pytest.fixture
async def rival(rig: Rig, stand: Stand, tmp_path: Path) -> AsyncIterator[Stand]:
    async with another(rig.kubeconfig, stand.service, tmp_path / "rival") as rival:
        yield rival


async def observed(stand: Stand) -> Picture:
    await stand.in_step()
    found = await stand.mesh.observe(stand.key)
    assert found is not None
    return found.picture


async def history(stand: Stand, since: str) -> list[int]:
    """The generations that the routes carried, one after the other, as a watch tells them."""
    path = f"/apis/networking.istio.io/v1/namespaces/{stand.key.namespace}/virtualservices"
    params = {"watch": "true", "resourceVersion": since, "timeoutSeconds": "1"}
    told = (await stand.api.client.get(path, params=params)).text
    events = [json.loads(line) for line in told.splitlines()]
    marks = [event["object"]["metadata"]["annotations"] for event in events]
    return [int(mark[GENERATION_ANNOTATION]) for mark in marks]


async def now(stand: Stand) -> str:
    """The state of the cluster, as the API server names it."""
    path = f"/apis/networking.istio.io/v1/namespaces/{stand.key.namespace}/virtualservices"
    version: str = (await stand.api.client.get(path)).json()["metadata"]["resourceVersion"]
    return version


async def hands(stand: Stand, kind: str) -> list[tuple[str, str]]:
    """Whose hands are on an object, and how they came there."""
    entries = (await stand.present(kind))["metadata"].get("managedFields", ())
    return [(one["manager"], one["operation"]) for one in entries]


async def test_a_lower_generation_changes_nothing(stand: Stand) -> None:
    newer = stand.split(3, v1=5_000, v2=5_000)
    await stand.deploy(newer)
    stand.forget_calls()

    older = stand.split(2, v1=8_000, v2=2_000)
    for act in (
        stand.mesh.apply(older),
        stand.mesh.effective(older),
        stand.mesh.release(stand.key, 2, remove=False),
        stand.mesh.release(stand.key, 2, remove=True),
    ):
        with pytest.raises(OutrunError) as outrun:
            await act
        assert outrun.value.generation == 3

    assert stand.writes == []
    assert await observed(stand) == picture_of(newer)


async def test_a_writer_that_sees_nothing_new_is_stopped_by_the_api_server(
    stand: Stand, rival: Stand
) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await rival.in_step()
    rival.weather.hold(held=True)
    newer = stand.split(5, v1=5_000, v2=5_000)
    await stand.deploy(newer)
    rival.forget_calls()

    with pytest.raises(OutrunError):
        await rival.mesh.apply(rival.split(4, v1=1_000, v2=9_000))

    assert [call.answered for call in rival.weather.writes] == [409]
    assert await observed(stand) == picture_of(newer)

    newest = rival.split(6, v1=2_000, v2=8_000)
    await rival.mesh.apply(newest)
    assert await observed(stand) == picture_of(newest)


async def test_a_writer_that_sees_no_objects_does_not_overwrite_those_that_are_there(
    stand: Stand, rival: Stand
) -> None:
    rival.weather.hold(held=True)
    newer = stand.split(5, v1=5_000, v2=5_000)
    await stand.deploy(newer)
    before = await stand.versions()

    with pytest.raises(OutrunError):
        await rival.mesh.apply(rival.split(4, v1=1_000, v2=9_000))

    assert await stand.versions() == before


async def test_a_writer_that_still_sees_what_is_gone_does_not_bring_it_back_by_chance(
    stand: Stand, rival: Stand
) -> None:
    """An apply creates what is missing, whatever resourceVersion it names."""
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await rival.in_step()
    rival.weather.hold(held=True)
    await stand.mesh.release(stand.key, 2, remove=True)
    rival.forget_calls()

    revision = rival.split(3, v1=5_000, v2=5_000)
    await rival.mesh.apply(revision)

    answers = [(str(call).split()[0], call.answered) for call in rival.weather.writes]
    assert answers[0] == ("patch", 409)
    assert ("create", 201) in answers
    await stand.in_step()
    assert await observed(stand) == picture_of(revision)


async def race(stand: Stand, rival: Stand, generations: list[int]) -> None:
    """Apply these generations at the same time, by the two meshes in turn."""

    async def one(place: int, revision: Revision) -> None:
        mesh = (stand, rival)[place % 2].mesh
        while True:
            try:
                return await mesh.apply(revision)
            except OutrunError:
                return None
            except UnavailableError:
                continue  # the others were quicker too often; it is tried again, as it always is

    revisions = [stand.split(one, v1=10_000 - one, v2=one) for one in generations]
    await asyncio.gather(*(one(place, revision) for place, revision in enumerate(revisions)))


async def test_of_two_meshes_that_race_the_newer_picture_stays(stand: Stand, rival: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await asyncio.gather(stand.in_step(), rival.in_step())
    since = await now(stand)
    generations = [2 + (place * 7) % RACERS for place in range(RACERS)]

    await race(stand, rival, generations)

    highest = max(generations)
    assert await observed(stand) == picture_of(
        stand.split(highest, v1=10_000 - highest, v2=highest)
    )
    passed = await history(stand, since)
    assert passed == sorted(set(passed))  # never back, never twice


async def test_of_two_meshes_that_race_to_create_the_newer_picture_stays(
    stand: Stand, rival: Stand
) -> None:
    for start in range(1, 1 + 4 * ROUNDS, 4):
        await race(stand, rival, [start, start + 1, start + 2])
        highest = start + 2
        assert await observed(stand) == picture_of(
            stand.split(highest, v1=10_000 - highest, v2=highest)
        )
        for kind in KINDS:
            await stand.api.delete(named(kind, stand.key))
        await asyncio.gather(stand.in_step(), rival.in_step())


async def test_two_moves_in_a_row_need_no_word_from_the_watch_between_them(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.in_step()
    stand.weather.hold(held=True)
    stand.forget_calls()

    for generation in range(2, 6):
        await stand.deploy(stand.split(generation, v1=10_000 - generation, v2=generation))

    assert [str(call) for call in stand.calls] == [f"{PATCH} {stand.key}"] * 4
    assert {call.answered for call in stand.calls} == {200}


async def test_what_others_take_away_is_gone_though_we_wrote_it_last(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    for kind in KINDS:
        await stand.api.delete(named(kind, stand.key))
    await stand.in_step()

    assert await stand.mesh.observe(stand.key) is None
    await stand.deploy(stand.split(2, v1=8_000, v2=2_000))


async def test_a_subset_object_that_is_gone_is_not_applied_any_more(stand: Stand) -> None:
    revision = stand.split(1, v1=8_000, v2=2_000)
    await stand.deploy(revision)
    await stand.api.delete(named("DestinationRule", stand.key))
    await stand.in_step()

    with pytest.raises(UnavailableError, match=r"Revision 1 of .* is not applied yet"):
        await stand.mesh.effective(revision)

    await stand.deploy(revision)
    assert await observed(stand) == picture_of(revision)


async def test_a_write_whose_answer_is_lost_happens_once(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.in_step()
    since = await now(stand)
    stand.weather.bring(Cut(carried_out=True), verb="patch", times=1)

    revision = stand.split(2, v1=5_000, v2=5_000)
    await stand.deploy(revision)

    assert await observed(stand) == picture_of(revision)
    assert await history(stand, since) == [2]


async def test_what_was_only_just_created_when_we_died_is_taken_up_where_it_stands(
    stand: Stand,
) -> None:
    stand.weather.bring(Cut(), verb="patch")
    with pytest.raises(UnavailableError):
        await stand.mesh.apply(stand.split(1, v1=8_000, v2=2_000))
    assert stand.writes[:2] == ["create destinationrules", "patch destinationrules"]
    assert await hands(stand, "DestinationRule") == [("crossfade", "Update")]
    stand.weather.clear_up()
    await stand.in_step()

    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    revision = stand.split(2, v1=6_000, v3=4_000)
    await stand.deploy(revision)

    assert await observed(stand) == picture_of(revision)
    for kind in KINDS:
        assert await hands(stand, kind) == [("crossfade", "Apply")]


FOREIGN = [
    ({}, "kubectl-create"),
    ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm"),
    (
        {"annotations": {"argocd.argoproj.io/tracking-id": "shop:networking.istio.io/x:y/z"}},
        "Argo CD's application shop",
    ),
    (
        {
            "ownerReferences": [
                {
                    "apiVersion": "flagger.app/v1beta1",
                    "kind": "Canary",
                    "name": "checkout",
                    "uid": "0",
                    "controller": True,
                }
            ]
        },
        "Canary checkout",
    ),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("metadata", "owner"), FOREIGN, ids=[owner for _, owner in FOREIGN])
async def test_an_object_of_somebody_else_is_refused_with_its_owners_name(
    stand: Stand, kind: str, metadata: Mapping[str, Any], owner: str
) -> None:
    manifest = named(kind, stand.key)
    spec = {"host": "checkout"} if kind == "DestinationRule" else {"hosts": ["checkout"]}
    theirs = {**manifest, "metadata": {**manifest["metadata"], **metadata}, "spec": spec}
    await stand.api.apply(theirs, manager="kubectl-create")
    before = await census(stand.api)
    await stand.in_step()

    with pytest.raises(RefusedError, match=f"{kind} .*/checkout belongs to {owner}"):
        await stand.mesh.apply(stand.split(1, v1=10_000))

    assert stand.writes == []
    await stand.mesh.release(stand.key, 1, remove=True)
    assert differences(before, await census(stand.api)) == set()
    found = await stand.mesh.observe(stand.key)
    assert found is not None
    assert found.picture.generation is None


async def test_a_foreign_object_that_was_not_heard_of_is_refused_too(stand: Stand) -> None:
    stand.weather.hold(held=True)
    theirs = {**named("VirtualService", stand.key), "spec": {"hosts": ["checkout"]}}
    await stand.api.apply(theirs, manager="kubectl-create")

    with pytest.raises(RefusedError, match="belongs to kubectl-create"):
        await stand.mesh.apply(stand.split(1, v1=10_000))

    assert (await stand.present("VirtualService"))["spec"] == theirs["spec"]


async def test_a_hand_edit_of_our_object_is_overwritten_by_the_next_deploy(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    edited = (await stand.present("VirtualService"))["spec"]["http"]
    edited[0]["route"][0]["weight"], edited[0]["route"][1]["weight"] = 1, 99
    await stand.edit("VirtualService", {"spec": {"http": edited}})
    await stand.edit("DestinationRule", {"spec": {"subsets": []}})
    await stand.in_step()
    revision = stand.split(2, v1=8_000, v2=2_000)

    await stand.deploy(revision)

    assert await observed(stand) == picture_of(revision)
    for kind in KINDS:
        assert await hands(stand, kind) == [("crossfade", "Apply")]


@pytest.mark.parametrize(
    ("kind", "added"),
    [
        ("DestinationRule", {"spec": {"trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}}}}),
        ("DestinationRule", {"metadata": {"annotations": {LEAVING_ANNOTATION: "v1"}}}),
        ("VirtualService", {"spec": {"exportTo": ["."]}}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
async def test_what_others_add_to_our_object_goes_by_the_next_deploy(
    stand: Stand, kind: str, added: Mapping[str, Any]
) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.edit(kind, {"metadata": {"labels": {"team": "shop"}}})
    await stand.edit(kind, added)
    await stand.in_step()
    revision = stand.split(2, v1=8_000, v2=2_000)

    await stand.deploy(revision)

    assert await observed(stand) == picture_of(revision)
    assert (await stand.present(kind))["metadata"]["labels"]["team"] == "shop"


async def test_nothing_but_our_two_objects_ever_changes(stand: Stand) -> None:
    before = await census(stand.api)

    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.deploy(stand.split(2, v2=9_000, v3=1_000))
    middle = await census(stand.api)
    await stand.mesh.release(stand.key, 3, remove=False)
    await stand.deploy(stand.split(4, v1=10_000))
    await stand.mesh.release(stand.key, 5, remove=True)

    place = "/apis/networking.istio.io/v1/{}/" + f"{stand.key.namespace}/{stand.key.service}"
    ours = {place.format(plural) for plural in ("virtualservices", "destinationrules")}
    assert differences(before, middle) == ours
    assert differences(before, await census(stand.api)) == set()

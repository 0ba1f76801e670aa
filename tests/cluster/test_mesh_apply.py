"""A rule on a real API server: written, shown, handed back and taken away."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cluster.api import Api
from tests.cluster.mesh_stand import KINDS, Stand, doctored, picture_of, revision_of, standing
from tests.cluster.rig import Rig
from tests.golden.rules import FOLDERS, intent_in

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.kubernetes.proof import NO_ISTIOD
from crossfade.application.ports import Observed
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import Policies
from crossfade.domain.revision import TargetKind
from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.istio import MANAGED_BY

pytestmark = pytest.mark.cluster

MARK = next(iter(MANAGED_BY))


@pytest.fixture
async def stand(rig: Rig, api: Api, namespace: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(rig.kubeconfig, api, namespace, tmp_path) as stand:
        yield stand


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
async def test_every_rule_is_read_back_as_it_was_written(stand: Stand, folder: Path) -> None:
    intent = replace(intent_in(folder), key=stand.key)
    await stand.serve(intent)
    revision = revision_of(intent, 5)

    await stand.deploy(revision)

    expected = Observed(picture_of(revision), revision.document(TargetKind.CLUSTER).content)
    assert await stand.mesh.observe(stand.key) == expected  # as we remember it
    await stand.in_step()
    assert await stand.mesh.observe(stand.key) == expected  # as it was heard


async def test_nothing_is_held_before_anything_was_written(stand: Stand) -> None:
    assert stand.mesh.held
    assert await stand.mesh.observe(stand.key) is None


async def test_a_namespace_that_is_not_ours_is_neither_read_nor_written(stand: Stand) -> None:
    elsewhere = ServiceKey(stand.key.cluster, "elsewhere", stand.key.service)
    revision = revision_of(replace(stand.intent(v1=10_000), key=elsewhere), 1)
    stand.forget_calls()

    with pytest.raises(UnavailableError, match="Namespace elsewhere is not among those"):
        await stand.mesh.observe(elsewhere)
    with pytest.raises(RefusedError, match="Namespace elsewhere is not among those"):
        await stand.mesh.apply(revision)

    assert stand.calls == []


async def test_what_was_written_is_ours_by_one_apply(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))

    for kind in KINDS:
        metadata = (await stand.present(kind))["metadata"]
        hands = [(one["manager"], one["operation"]) for one in metadata["managedFields"]]
        assert hands == [("crossfade", "Apply")]
        assert metadata["labels"] == MANAGED_BY
        assert metadata["annotations"] == {GENERATION_ANNOTATION: "1"}


async def test_a_move_of_weights_is_one_call_to_the_api_server(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    before = await stand.versions()
    stand.forget_calls()

    for generation, share in enumerate((5_000, 100, 9_999), start=2):
        await stand.deploy(stand.split(generation, v1=10_000 - share, v2=share))

    assert [str(call) for call in stand.calls] == [f"patch virtualservices {stand.key}"] * 3
    after = await stand.versions()
    assert after["DestinationRule"] == before["DestinationRule"]
    observed = await stand.mesh.observe(stand.key)
    assert observed is not None
    assert observed.picture == picture_of(stand.split(4, v1=1, v2=9_999))


async def test_the_same_again_is_no_call_at_all(stand: Stand) -> None:
    revision = stand.split(1, v1=8_000, v2=2_000)
    await stand.deploy(revision)
    stand.forget_calls()

    assert await stand.deploy(revision) == "1 of 1 proxies acknowledged generation 1"
    await stand.in_step()
    await stand.deploy(revision)

    assert stand.calls == []


async def test_other_routes_are_rehearsed_before_they_are_written(stand: Stand) -> None:
    intent = stand.intent(v1=8_000, v2=2_000)
    await stand.deploy(revision_of(intent, 1))
    stand.forget_calls()

    await stand.deploy(revision_of(replace(intent, hosts=("shop.example.com",)), 2))

    written = f"patch virtualservices {stand.key}"
    assert [str(call) for call in stand.calls] == [f"{written} (dry run)", written]


async def test_a_refused_rehearsal_leaves_both_objects_as_they_were(stand: Stand) -> None:
    good = stand.split(1, v1=8_000, v2=2_000)
    await stand.deploy(good)
    before = await stand.versions()
    stand.forget_calls()

    changed = replace(stand.intent(v1=6_000, v3=4_000), policies=Policies(timeout_ms=2_000))
    refused = doctored(revision_of(changed, 2), "timeout: 2s", "timeout: 0s")
    with pytest.raises(RefusedError, match=r"refuses to patch virtualservices .*timeout"):
        await stand.mesh.apply(refused)

    assert stand.weather.writes == []
    assert await stand.versions() == before


async def test_without_istiod_nothing_is_proven(stand: Stand) -> None:
    mesh = stand.without_proof()
    revision = stand.split(1, v1=10_000)
    await mesh.apply(revision)

    with pytest.raises(UnavailableError, match=NO_ISTIOD):
        await mesh.effective(revision)


async def test_a_hand_edit_is_shown_with_its_author_and_its_time(stand: Stand) -> None:
    revision = stand.split(1, v1=8_000, v2=2_000)
    await stand.deploy(revision)
    began = SystemClock().now()

    await stand.edit("VirtualService", {"spec": {"hosts": ["checkout", "elsewhere"]}})
    await stand.in_step()

    observed = await stand.mesh.observe(stand.key)
    assert observed is not None
    assert observed.author == "kubectl-edit"
    assert observed.at is not None
    assert abs(observed.at - began) < timedelta(minutes=1)
    assert observed.picture.generation == 1
    assert observed.picture.digest != picture_of(revision).digest
    assert "- elsewhere" in observed.document


async def test_labels_and_annotations_of_others_are_no_drift_and_stay(stand: Stand) -> None:
    revision = stand.split(1, v1=8_000, v2=2_000)
    await stand.deploy(revision)
    marks = {"labels": {"team": "shop"}, "annotations": {"note": "see the wiki"}}
    await stand.edit("VirtualService", {"metadata": marks})
    await stand.edit("DestinationRule", {"metadata": marks})
    await stand.in_step()

    observed = await stand.mesh.observe(stand.key)
    assert observed == Observed(picture_of(revision), revision.document(TargetKind.CLUSTER).content)

    await stand.deploy(stand.split(2, v1=5_000, v2=5_000))
    metadata = (await stand.present("VirtualService"))["metadata"]
    assert metadata["labels"] == {**MANAGED_BY, "team": "shop"}
    assert metadata["annotations"] == {GENERATION_ANNOTATION: "2", "note": "see the wiki"}


async def test_a_mark_that_was_taken_off_is_shown_and_put_on_again(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.edit("VirtualService", {"metadata": {"labels": {MARK: None}}})
    await stand.in_step()

    observed = await stand.mesh.observe(stand.key)
    assert observed is not None
    assert observed.picture != picture_of(stand.split(1, v1=8_000, v2=2_000))

    await stand.deploy(stand.split(2, v1=8_000, v2=2_000))
    assert (await stand.present("VirtualService"))["metadata"]["labels"] == MANAGED_BY

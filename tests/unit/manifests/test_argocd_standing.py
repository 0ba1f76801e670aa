"""Where Argo CD stands with a commit of ours."""

import pytest
from tests.unit.manifests.argocd_objects import (
    LATER,
    OLDER,
    OURS,
    SHOP,
    both,
    ran,
    reading,
    source,
    standing_of,
    sync_of,
    written,
)

from crossfade.manifests.argocd_application import Application, read_application
from crossfade.manifests.argocd_standing import (
    Behind,
    Failed,
    Synced,
    SyncStanding,
    Unknown,
    mentioned,
    removal_standing,
    sync_standing,
    unheard,
)

REACHED = frozenset({OURS, LATER})
REFUSED = "one or more objects failed to apply, reason: weight must be positive"


def standing(application: Application) -> SyncStanding:
    """Where it stands with our commit."""
    return sync_standing(application, SHOP, REACHED)


@pytest.mark.parametrize("commit", [OURS, LATER])
def test_it_is_synced_at_our_commit_or_a_later_one(commit: str) -> None:
    assert standing(ran(commit, "Synced", objects=both("Synced"))) == Synced(commit)


def test_it_is_synced_with_a_commit_that_took_the_objects_away() -> None:
    assert standing(ran(OURS, "Synced")) == Synced(OURS)


def test_objects_of_others_that_are_not_synced_do_not_matter() -> None:
    others = standing_of("VirtualService", "OutOfSync", "cart")

    assert standing(ran(OURS, "OutOfSync", objects=[*both("Synced"), others])) == Synced(OURS)


def test_objects_of_ours_that_are_not_synced_do_matter() -> None:
    found = [standing_of("VirtualService", "OutOfSync"), standing_of("DestinationRule", "Synced")]

    assert standing(ran(OURS, "OutOfSync", objects=found)) == Behind(
        f"Argo CD (argocd/crossfade) is at commit {OURS[:7]}: it has not synced it yet."
    )


def test_it_is_behind_at_an_older_commit() -> None:
    assert standing(ran(OLDER, "Synced", objects=both("Synced"))) == Behind(
        f"Argo CD (argocd/crossfade) is at commit {OLDER[:7]}, which does not hold ours."
    )


def test_it_is_behind_before_it_looked_at_all() -> None:
    application = read_application(written())

    assert standing(application) == Behind("Argo CD (argocd/crossfade) has compared no commit yet.")
    assert application.looked_at == ""


def test_a_sync_under_way_is_told_in_argo_cds_words() -> None:
    sync = sync_of(OURS, "Running", "waiting for completion of hook")

    found = standing(ran(OURS, "OutOfSync", sync, objects=both("OutOfSync")))

    assert found == Behind(
        f"Argo CD (argocd/crossfade) is at commit {OURS[:7]}: waiting for completion of hook"
    )


def test_an_application_that_waits_for_a_persons_hand_says_so() -> None:
    document = written() | {
        "spec": {"source": source()},
        "status": {"sync": {"status": "OutOfSync", "revision": OURS}},
    }

    assert standing(read_application(document)) == Behind(
        f"Argo CD (argocd/crossfade) is at commit {OURS[:7]} and is not told to sync by itself."
    )


@pytest.mark.parametrize("phase", ["Failed", "Error"])
@pytest.mark.parametrize("commit", [OURS, LATER])
def test_a_failed_sync_of_our_commit_or_a_later_one_failed(phase: str, commit: str) -> None:
    sync = sync_of(commit, phase, REFUSED, [standing_of("VirtualService", "SyncFailed")])

    assert standing(ran(commit, "OutOfSync", sync, objects=both("OutOfSync"))) == Failed(
        f"Argo CD (argocd/crossfade) could not sync {commit[:7]}: {REFUSED}"
    )


def test_a_sync_that_does_not_tell_why_it_failed_lets_its_objects_tell() -> None:
    why = {"message": "VirtualService is not permitted in project default"}
    refused = [
        standing_of("DestinationRule", "SyncFailed"),
        standing_of("VirtualService", "SyncFailed") | why,
        standing_of("VirtualService", "SyncFailed", "cart") | why,
    ]
    sync = sync_of(OURS, "Failed", "one or more tasks are not valid.", refused)

    assert standing(ran(OURS, "OutOfSync", sync, objects=both("OutOfSync"))) == Failed(
        f"Argo CD (argocd/crossfade) could not sync {OURS[:7]}: "
        "one or more tasks are not valid. VirtualService is not permitted in project default"
    )


def test_a_sync_that_failed_before_it_came_to_any_object_failed() -> None:
    sync = {"phase": "Error", "message": "no project", "operation": {"sync": {"revision": OURS}}}

    found = standing(ran(OURS, "OutOfSync", sync, objects=both("OutOfSync")))

    assert found == Failed(f"Argo CD (argocd/crossfade) could not sync {OURS[:7]}: no project")


def test_a_sync_that_others_objects_broke_is_waited_for() -> None:
    refused = [standing_of("VirtualService", "SyncFailed", "cart")]
    sync = sync_of(OURS, "Failed", REFUSED, refused)

    found = standing(ran(OURS, "OutOfSync", sync, {"SyncError": REFUSED}, both("OutOfSync")))

    assert found == Unknown(f"Argo CD (argocd/crossfade) could not sync {OURS[:7]}: {REFUSED}")


def test_a_sync_that_is_being_tried_again_is_waited_for() -> None:
    refused = [standing_of("VirtualService", "SyncFailed")]
    sync = sync_of(OURS, "Running", f"{REFUSED}. Retrying attempt #1 at 10:00AM.", refused)

    assert isinstance(standing(ran(OURS, "OutOfSync", sync, objects=both("OutOfSync"))), Unknown)


def test_the_failure_of_an_older_commit_is_not_ours() -> None:
    sync = sync_of(OLDER, "Failed", REFUSED, [standing_of("VirtualService", "SyncFailed")])

    assert isinstance(standing(ran(OLDER, "OutOfSync", sync, objects=both("OutOfSync"))), Behind)


def test_a_failure_that_somebody_mended_is_none() -> None:
    sync = sync_of(OURS, "Failed", REFUSED, [standing_of("VirtualService", "SyncFailed")])

    assert standing(ran(OURS, "Synced", sync, objects=both("Synced"))) == Synced(OURS)


@pytest.mark.parametrize("kind", ["ComparisonError", "SyncError"])
def test_an_error_about_our_commit_is_a_failure(kind: str) -> None:
    found = standing(ran(OURS, "OutOfSync", None, {kind: "it will not"}, both("OutOfSync")))

    assert found == Failed(f"Argo CD (argocd/crossfade) does not sync {OURS[:7]}: it will not")


@pytest.mark.parametrize("kind", ["ComparisonError", "InvalidSpecError", "UnknownError"])
def test_an_error_about_no_commit_is_waited_for(kind: str) -> None:
    found = standing(ran("main", "Unknown", None, {kind: "no such host"}, both("Unknown")))

    assert found == Unknown("Argo CD (argocd/crossfade) cannot compare: no such host")


def test_warnings_and_older_sync_errors_are_not_failures() -> None:
    conditions = {"OrphanedResourceWarning": "1 orphan", "SyncError": "older"}

    assert isinstance(standing(ran(OLDER, "OutOfSync", None, conditions)), Behind)


def test_an_unknown_comparison_is_not_synced() -> None:
    assert isinstance(standing(ran(OURS, "Unknown")), Behind)


def test_every_commit_that_it_speaks_of_is_mentioned() -> None:
    application = ran(OURS, "OutOfSync", sync_of(OLDER, "Succeeded", "fine"))

    assert mentioned(application) == {OURS, OLDER}
    assert mentioned(reading()) == frozenset()
    assert mentioned(ran("main", "Unknown")) == frozenset()


def test_each_of_several_sources_has_a_commit() -> None:
    document = written() | {"status": {"sync": {"status": "Synced", "revisions": [OLDER, OURS]}}}

    assert standing(read_application(document)) == Synced(OURS)


def test_a_wish_to_look_again_is_seen_until_it_is_met() -> None:
    document = written()
    wished = {**document, "metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}

    assert read_application(document).wish == ""
    assert read_application(wished).wish == "normal"


@pytest.mark.parametrize("kind", ["SyncError", "ComparisonError", "InvalidSpecError"])
def test_what_keeps_a_removed_rule_in_the_cluster_is_told_in_argo_cds_words(kind: str) -> None:
    application = ran(OURS, "OutOfSync", None, {kind: "will wipe out all"}, both("OutOfSync"))

    assert removal_standing(application, SHOP) == (
        "Argo CD (argocd/crossfade) does not remove shop/checkout: will wipe out all"
    )


def test_an_application_that_does_not_prune_removes_nothing() -> None:
    assert removal_standing(reading(), SHOP).endswith("automated.prune is not true.")


def test_an_application_does_not_remove_what_it_does_not_keep() -> None:
    assert "does not keep the objects" in removal_standing(ran(OURS, "Synced"), SHOP)


@pytest.mark.parametrize(
    ("sync", "told"),
    [(None, "yet."), (sync_of(OURS, "Running", "pruning"), "yet: pruning")],
)
def test_a_removal_under_way_is_waited_for(sync: dict[str, object] | None, told: str) -> None:
    application = ran(OURS, "OutOfSync", sync, objects=both("OutOfSync"))

    assert removal_standing(application, SHOP) == (
        f"Argo CD (argocd/crossfade) has not removed shop/checkout {told}"
    )


def test_an_argo_cd_that_does_not_look_is_named_with_its_last_look() -> None:
    assert "has not looked since 2026-11-24T10:00:00Z" in unheard(ran(OURS, "Synced"))
    assert "has not looked yet" in unheard(reading())

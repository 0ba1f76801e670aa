"""Rules, targets, operations and revisions, and how they move from state to state."""

from dataclasses import replace

import pytest
from tests.unit.domain.acts import (
    DOCUMENTS,
    ENVOY,
    GIT,
    INTENT,
    KEY,
    LATER,
    NOON,
    OTHER_INTENT,
    REVISION,
    RULE,
    an_operation,
)

from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import (
    BlockedError,
    Fault,
    OutrunError,
    RuleExistsError,
    StaleEditionError,
)
from crossfade.domain.intent import Intent
from crossfade.domain.operation import (
    Operation,
    OperationKind,
    OperationState,
    Stage,
    StageName,
    StageState,
)
from crossfade.domain.revision import TargetKind
from crossfade.domain.rule import Rule, RuleState, standing
from crossfade.domain.target import Drift, Target, TargetState, pause_s

DRIFTED = replace(GIT, drift=Drift("edited by hand", "mallory", NOON))
RUNNING = an_operation()
EFFECTIVE = RUNNING.ended(OperationState.EFFECTIVE, "done", LATER)
FAILED = RUNNING.ended(OperationState.FAILED, "refused", LATER)
RELEASED = replace(RULE, is_active=False)
EDITED = replace(RULE, edition=4)


@pytest.mark.parametrize(
    ("rule", "live", "targets", "operation", "state"),
    [
        (RULE, None, (), None, RuleState.DRAFT),
        (RULE, None, (), EFFECTIVE, RuleState.DRAFT),
        (RULE, INTENT, (GIT, ENVOY), EFFECTIVE, RuleState.LIVE),
        (RULE, OTHER_INTENT, (GIT, ENVOY), EFFECTIVE, RuleState.UNDEPLOYED_CHANGES),
        (RULE, INTENT, (DRIFTED, ENVOY), EFFECTIVE, RuleState.DRIFT),
        (RULE, OTHER_INTENT, (DRIFTED, ENVOY), EFFECTIVE, RuleState.DRIFT),
        (RULE, INTENT, (DRIFTED, ENVOY), FAILED, RuleState.FAILED),
        (RULE, INTENT, (GIT, ENVOY), FAILED, RuleState.FAILED),
        (EDITED, OTHER_INTENT, (GIT, ENVOY), FAILED, RuleState.UNDEPLOYED_CHANGES),
        (RULE, INTENT, (DRIFTED, ENVOY), RUNNING, RuleState.DEPLOYING),
        (RELEASED, INTENT, (GIT, ENVOY), RUNNING, RuleState.DEPLOYING),
        (RELEASED, INTENT, (DRIFTED, ENVOY), FAILED, RuleState.RELEASED),
        (RELEASED, None, (), None, RuleState.RELEASED),
    ],
)
def test_the_screen_says_the_most_pressing_thing(
    rule: Rule,
    live: Intent | None,
    targets: tuple[Target, ...],
    operation: Operation | None,
    state: RuleState,
) -> None:
    assert standing(rule, live, targets, operation) is state


def test_an_edit_makes_a_new_edition() -> None:
    edited = RULE.edited(OTHER_INTENT, LATER)
    assert (edited.intent, edited.edition, edited.updated_at) == (OTHER_INTENT, 4, LATER)
    assert edited.key == KEY


def test_an_edit_that_changes_nothing_keeps_the_edition() -> None:
    assert RULE.edited(INTENT, LATER) is RULE


def test_a_target_that_confirms_has_no_trouble_any_more() -> None:
    troubled = replace(DRIFTED.wait("down").wait("down"), token=7)
    confirmed = troubled.confirm("digest")
    assert confirmed == replace(
        GIT, state=TargetState.CONFIRMED, confirmed_generation=5, digest="digest", token=7
    )
    assert confirmed.confirmed
    assert not troubled.confirmed


def test_a_target_that_waits_counts_its_tries() -> None:
    waiting = ENVOY.wait("down").wait("still down")
    assert (waiting.state, waiting.error, waiting.attempts) == (
        TargetState.WAITING,
        "still down",
        2,
    )


def test_once_it_is_written_the_tries_of_its_proof_are_counted() -> None:
    written = ENVOY.wait("down").wait("down").wait("not seen", NOON)
    assert (written.attempts, written.wait("not seen", NOON).attempts) == (1, 2)


def test_a_target_that_refuses_says_why() -> None:
    refused = ENVOY.refuse("no such cluster")
    assert (refused.state, refused.error) == (TargetState.REFUSED, "no such cluster")


def test_pauses_grow_but_never_past_fifteen_seconds() -> None:
    pauses = [pause_s(attempts) for attempts in (0, 1, 2, 3, 10, 10_000)]
    assert pauses == [0.25, 0.5, 1.0, 2.0, 15.0, 15.0]


def test_an_operation_begins_with_every_stage_ahead_of_it() -> None:
    assert RUNNING.running
    assert [stage.name for stage in RUNNING.stages] == list(StageName)
    assert {stage.state for stage in RUNNING.stages} == {StageState.PENDING}


def test_one_stage_moves_on_and_the_others_stay() -> None:
    done = Stage(StageName.APPLIED, StageState.DONE, NOON, "1 of 1 proxies")
    moved = RUNNING.with_stage(done)
    assert moved.stage(StageName.APPLIED) is done
    assert [stage.name for stage in moved.stages] == list(StageName)
    assert moved.stage(StageName.SAVED) == RUNNING.stage(StageName.SAVED)


def test_an_operation_ends_once() -> None:
    assert (EFFECTIVE.state, EFFECTIVE.outcome, EFFECTIVE.ended_at) == (
        OperationState.EFFECTIVE,
        "done",
        LATER,
    )
    assert EFFECTIVE.ended(OperationState.FAILED, "too late", LATER) is EFFECTIVE


@pytest.mark.parametrize(
    ("kind", "awaited"),
    [
        (OperationKind.DEPLOY, {TargetKind.ENVOY, TargetKind.CLUSTER}),
        (OperationKind.ROLLBACK, {TargetKind.ENVOY, TargetKind.CLUSTER}),
        (OperationKind.REPAIR, set(TargetKind)),
        (OperationKind.RELEASE, set(TargetKind)),
        (OperationKind.REMOVE, set(TargetKind)),
    ],
)
def test_git_holds_back_only_what_is_about_git(
    kind: OperationKind, awaited: set[TargetKind]
) -> None:
    operation = an_operation(kind)
    assert {target for target in TargetKind if operation.awaits(target)} == awaited


@pytest.mark.parametrize("kind", OperationKind)
def test_where_the_mesh_gets_it_from_git_everything_waits_for_git(kind: OperationKind) -> None:
    operation = an_operation(kind)
    assert all(operation.awaits(target, Delivery.GIT_ONLY) for target in TargetKind)


def test_a_revision_knows_its_root_and_its_documents() -> None:
    assert (REVISION.root, REVISION.key) == (5, KEY)
    assert replace(REVISION, origin=2).root == 2
    assert REVISION.document(TargetKind.ENVOY) is DOCUMENTS[1]


def test_errors_carry_what_a_caller_can_act_on() -> None:
    assert RuleExistsError("there is one", "r1").rule_id == "r1"
    assert (StaleEditionError(5, 4).found, StaleEditionError(5, 4).expected) == (5, 4)
    assert OutrunError(9).generation == 9
    blocked = BlockedError([Fault("/versions/0", "No address."), Fault("", "Not now.")])
    assert str(blocked) == "No address. Not now."
    assert blocked.faults[0].pointer == "/versions/0"


@pytest.mark.parametrize("kind", OperationKind)
def test_only_acts_that_leave_say_what_they_do_to_the_whole(kind: OperationKind) -> None:
    leaving = kind in (OperationKind.REMOVE, OperationKind.RELEASE)
    assert bool(kind.deed) is leaving

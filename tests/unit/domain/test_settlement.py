"""What the outcome of one try means for its target and its operation."""

from dataclasses import replace

import pytest
from tests.unit.domain.acts import ENVOY, GIT, LATER, NOON, an_operation

from crossfade.domain.delivery import Delivery
from crossfade.domain.operation import (
    Operation,
    OperationKind,
    OperationState,
    StageName,
    StageState,
)
from crossfade.domain.outcome import Confirmed, Outrun, Refused, Staged, Waiting
from crossfade.domain.revision import Verdict
from crossfade.domain.settlement import finished, settle
from crossfade.domain.target import Drift, Presence, TargetState

DEPLOY = an_operation()
REPAIR = an_operation(OperationKind.REPAIR)


def stages(operation: Operation | None) -> dict[StageName, StageState]:
    assert operation is not None
    return {stage.name: stage.state for stage in operation.stages}


def test_a_deploy_is_done_as_soon_as_the_proxies_are() -> None:
    outcome = Confirmed("1 of 1 proxies", digest="d", applied_at=NOON)
    settlement = settle(ENVOY, DEPLOY, (GIT,), outcome, LATER)
    assert settlement.target == ENVOY.confirm("d", "1 of 1 proxies")
    assert settlement.verdict is Verdict.EFFECTIVE
    operation = settlement.operation
    assert operation is not None
    assert (operation.state, operation.ended_at) == (OperationState.EFFECTIVE, LATER)
    assert operation.outcome == "Revision 5 is effective: 1 of 1 proxies"
    assert operation.stage(StageName.APPLIED).at == NOON
    assert operation.stage(StageName.EFFECTIVE).detail == "1 of 1 proxies"
    assert operation.stage(StageName.COMMITTED).state is StageState.PENDING


def test_a_revision_applied_without_proof_is_told_apart() -> None:
    outcome = Confirmed("no traffic for 10 minutes", Verdict.NOT_PROVEN)
    settlement = settle(ENVOY, DEPLOY, (GIT,), outcome, LATER)
    assert settlement.operation is not None
    assert settlement.operation.state is OperationState.APPLIED_NOT_PROVEN
    assert settlement.operation.outcome == (
        "Revision 5 is applied, not proven: no traffic for 10 minutes"
    )
    assert settlement.operation.stage(StageName.APPLIED).at == LATER
    assert settlement.operation.stage(StageName.EFFECTIVE).state is StageState.SKIPPED
    assert settlement.verdict is Verdict.NOT_PROVEN


def test_a_commit_alone_ends_no_deploy() -> None:
    settlement = settle(GIT, DEPLOY, (ENVOY,), Confirmed("commit 4be1f09"), LATER)
    assert settlement.operation is not None
    assert settlement.operation.running
    assert stages(settlement.operation)[StageName.COMMITTED] is StageState.DONE
    assert settlement.verdict is None


def test_a_repair_waits_for_every_target() -> None:
    half = settle(ENVOY, REPAIR, (GIT,), Confirmed("1 of 1 proxies"), LATER)
    assert half.operation is not None
    assert half.operation.running
    whole = settle(GIT, half.operation, (half.target,), Confirmed("commit 4be1f09"), LATER)
    assert whole.operation is not None
    assert whole.operation.outcome == "Restored; revision 5 is effective: commit 4be1f09"


@pytest.mark.parametrize("kind", OperationKind)
def test_every_kind_of_operation_has_words_for_its_success(kind: OperationKind) -> None:
    done = (GIT.confirm(None),)
    settlement = settle(ENVOY, an_operation(kind), done, Confirmed("proof"), LATER)
    assert settlement.operation is not None
    assert settlement.operation.outcome is not None
    assert settlement.operation.outcome.endswith(": proof")
    assert finished(settlement.operation, (settlement.target, *done))


def test_a_transient_cause_waits_and_is_shown() -> None:
    settlement = settle(GIT, DEPLOY, (ENVOY,), Waiting("cannot reach the repository"), LATER)
    assert settlement.target == GIT.wait("cannot reach the repository")
    assert settlement.retry_in_s == 0.5
    assert settlement.operation is not None
    assert settlement.operation.running
    assert settlement.operation.stage(StageName.COMMITTED).detail == "cannot reach the repository"
    assert stages(settlement.operation)[StageName.APPLIED] is StageState.PENDING


def test_what_the_proxies_refuse_fails_the_deploy_and_brings_back_the_last_picture() -> None:
    settlement = settle(ENVOY, DEPLOY, (GIT,), Refused("no such cluster"), LATER)
    assert settlement.operation is not None
    assert settlement.operation.state is OperationState.FAILED
    assert settlement.operation.outcome == "no such cluster"
    assert stages(settlement.operation)[StageName.APPLIED] is StageState.FAILED
    assert settlement.verdict is Verdict.REFUSED
    assert settlement.restore


def test_what_should_go_is_not_brought_back_when_its_removal_is_refused() -> None:
    going = replace(ENVOY, presence=Presence.ABSENT)
    operation = an_operation(OperationKind.REMOVE)
    settlement = settle(going, operation, (GIT,), Refused("no"), LATER)
    assert not settlement.restore


def test_a_refused_commit_is_drift_and_ends_no_deploy() -> None:
    settlement = settle(GIT, DEPLOY, (ENVOY,), Refused("edited by hand", "jane"), LATER)
    assert settlement.target.state is TargetState.REFUSED
    assert settlement.target.drift == Drift("edited by hand", "jane", LATER)
    assert settlement.operation is not None
    assert settlement.operation.running
    assert (settlement.verdict, settlement.restore) == (None, False)


def test_a_refused_commit_ends_a_repair_without_touching_the_proxies() -> None:
    settlement = settle(GIT, REPAIR, (ENVOY,), Refused("a conflict"), LATER)
    assert settlement.operation is not None
    assert settlement.operation.state is OperationState.FAILED
    assert (settlement.verdict, settlement.restore) == (None, False)


@pytest.mark.parametrize("outcome", [Confirmed("proof"), Waiting("down"), Refused("no")])
def test_a_target_converges_without_an_operation_too(
    outcome: Confirmed | Waiting | Refused,
) -> None:
    settlement = settle(ENVOY, None, (GIT,), outcome, LATER)
    assert settlement.operation is None
    assert settlement.target != ENVOY


def test_a_higher_generation_leaves_everything_as_it_is() -> None:
    settlement = settle(ENVOY, DEPLOY, (GIT,), Outrun(9), LATER)
    assert (settlement.target, settlement.operation, settlement.outrun_by) == (ENVOY, DEPLOY, 9)


def test_what_is_applied_and_not_yet_proven_waits_for_its_proof_alone() -> None:
    outcome = Waiting("1 of 2 proxies acknowledged", NOON)
    settlement = settle(ENVOY, DEPLOY, (GIT,), outcome, LATER)
    assert settlement.target.applied_at == NOON
    assert settlement.operation is not None
    assert settlement.operation.stage(StageName.APPLIED).state is StageState.DONE
    assert settlement.operation.stage(StageName.APPLIED).at == NOON
    proof = settlement.operation.stage(StageName.EFFECTIVE)
    assert (proof.state, proof.detail) == (StageState.WAITING, "1 of 2 proxies acknowledged")
    again = settle(settlement.target, DEPLOY, (GIT,), Waiting("the API server is gone"), LATER)
    assert again.target.applied_at == NOON


def test_where_the_mesh_gets_it_from_git_a_refused_commit_ends_the_deploy() -> None:
    refused = Refused("somebody else wrote it", "bob")
    settlement = settle(GIT, DEPLOY, (ENVOY,), refused, LATER, Delivery.GIT_ONLY)
    assert settlement.operation is not None
    assert settlement.operation.state is OperationState.FAILED
    assert not settlement.restore


def test_where_the_mesh_gets_it_from_git_proxies_alone_end_no_deploy() -> None:
    proof = Confirmed("1 of 1 proxies")
    settlement = settle(ENVOY, DEPLOY, (GIT,), proof, LATER, Delivery.GIT_ONLY)
    assert settlement.operation is not None
    assert settlement.operation.running


def test_a_stage_that_git_holds_gives_the_turn_to_the_mesh() -> None:
    outcome = Staged("commit 4be1f09", digest="wide", commit="4be1f09")
    settlement = settle(GIT, DEPLOY, (ENVOY,), outcome, LATER, Delivery.GIT_ONLY)
    assert settlement.next_turn
    assert settlement.retry_in_s is None
    assert (settlement.target.state, settlement.target.digest) == (TargetState.WAITING, "wide")
    assert stages(settlement.operation)[StageName.COMMITTED] is StageState.WAITING


def test_a_stage_that_the_mesh_reached_gives_the_turn_to_git() -> None:
    outcome = Staged("the subsets are there")
    settlement = settle(ENVOY, None, (GIT,), outcome, LATER, Delivery.GIT_ONLY)
    assert settlement.next_turn


def test_where_git_holds_the_last_stage_the_mesh_only_waits_for_it() -> None:
    outcome = Staged("the subsets are there")
    committed = GIT.confirm("digest")
    settlement = settle(ENVOY, DEPLOY, (committed,), outcome, LATER, Delivery.GIT_ONLY)
    assert not settlement.next_turn
    assert settlement.retry_in_s is not None


def test_what_git_holds_is_told_to_be_on_its_way_to_the_cluster() -> None:
    committed = Confirmed("commit 4be1f09")
    settlement = settle(GIT, DEPLOY, (ENVOY,), committed, LATER, Delivery.GIT_ONLY)
    assert settlement.operation is not None
    applied = settlement.operation.stage(StageName.APPLIED)
    assert (applied.state, applied.detail) == (
        StageState.WAITING,
        "Git holds it, and it is on its way to the cluster.",
    )
    assert settle(GIT, None, (ENVOY,), committed, LATER, Delivery.GIT_ONLY).operation is None


def test_what_has_arrived_is_not_told_to_be_on_its_way() -> None:
    arrived = settle(ENVOY, REPAIR, (GIT,), Confirmed("1 of 1 proxies"), NOON, Delivery.GIT_ONLY)
    committed = Confirmed("commit 4be1f09")
    settlement = settle(
        GIT, arrived.operation, (arrived.target,), committed, LATER, Delivery.GIT_ONLY
    )
    assert stages(settlement.operation)[StageName.APPLIED] is StageState.DONE

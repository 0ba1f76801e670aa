"""The words that the API, the database and the audit keep: they must not change by the way."""

from enum import StrEnum

import pytest

from crossfade.domain.cohort import Operator, Source
from crossfade.domain.intent import RuleType
from crossfade.domain.operation import OperationKind, OperationState, StageName, StageState
from crossfade.domain.revision import TargetKind, Verdict
from crossfade.domain.rule import RuleState
from crossfade.domain.target import Presence, TargetState


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Source, "header cookie path query"),
        (Operator, "exact prefix regex present"),
        (RuleType, "WEIGHTED HEADER MIRROR"),
        (OperationKind, "deploy rollback repair release remove"),
        (OperationState, "running effective applied-not-proven superseded failed"),
        (StageName, "saved committed applied effective"),
        (StageState, "pending waiting done failed skipped"),
        (TargetKind, "git envoy cluster"),
        (TargetState, "pending waiting confirmed refused"),
        (Presence, "present released absent"),
        (Verdict, "unknown effective applied-not-proven refused"),
        (
            RuleState,
            "draft undeployed-changes deploying live rolling-out drift failed released",
        ),
    ],
)
def test_an_enumeration_has_exactly_these_words(kind: type[StrEnum], words: str) -> None:
    assert [word.value for word in kind] == words.split()

"""A rule on its way, for the tests of states."""

from datetime import UTC, datetime

from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation, OperationKind
from crossfade.domain.revision import Document, Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.target import Target

KEY = ServiceKey("local", "default", "checkout")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 12, 1, tzinfo=UTC)
INTENT = Intent(KEY, (Version("v1", 8000), Version("v2", 2000)))
OTHER_INTENT = Intent(KEY, (Version("v1", 5000), Version("v2", 5000)))
RULE = Rule(id="r1", intent=INTENT, created_at=NOON, updated_at=NOON, edition=3, generation=5)
GIT = Target(rule_id="r1", key=KEY, kind=TargetKind.GIT, desired_generation=5)
ENVOY = Target(rule_id="r1", key=KEY, kind=TargetKind.ENVOY, desired_generation=5)
DOCUMENTS = tuple(Document(kind, "path", "content", "digest") for kind in TargetKind)
REVISION = Revision(
    rule_id="r1",
    generation=5,
    intent=INTENT,
    renderer=1,
    documents=DOCUMENTS,
    author="alice",
    created_at=NOON,
)


def an_operation(kind: OperationKind = OperationKind.DEPLOY) -> Operation:
    """An operation that runs."""
    return Operation(
        id="o1",
        rule_id="r1",
        key=KEY,
        kind=kind,
        generation=5,
        edition=3,
        actor="alice",
        created_at=NOON,
    )

"""The answers of the API, one model for each shape of DESIGN.md §5; OpenAPI is made from them."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from crossfade.domain.cohort import Operator, Source
from crossfade.domain.intent import RuleType
from crossfade.domain.operation import OperationKind, OperationState, StageName, StageState
from crossfade.domain.revision import TargetKind
from crossfade.domain.rule import RuleState
from crossfade.domain.target import TargetState
from crossfade.entrypoints.api.shapes import Moment, Percent, Shape
from crossfade.manifests.findings import Severity

Anything = Annotated[dict[str, object], WithJsonSchema({"type": "object"})]


class Arm(Shape):
    """A version and its share of the traffic outside cohorts."""

    name: str
    weight: Percent


class Version(Arm):
    """An arm of the split: its share, and the labels of its pods."""

    labels: dict[str, str]


class Condition(Shape):
    """One thing that must hold of a request."""

    source: Source
    name: str
    operator: Operator
    value: str


class Cohort(Shape):
    """Requests of which every condition holds; they all go to one version."""

    name: str
    version: str
    conditions: list[Condition]


class Mirror(Shape):
    """A copy of a share of the requests, whose answers are thrown away."""

    version: str
    share: Percent


class Retries(Shape):
    """How often, how long and why a failed try is repeated."""

    attempts: int
    per_try_timeout_ms: int | None
    retry_on: list[str]


class Delay(Shape):
    """A pause laid on a share of the requests."""

    share: Percent
    duration_ms: int


class Abort(Shape):
    """An error answered for a share of the requests."""

    share: Percent
    status: int


class Fault(Shape):
    """Trouble made on purpose."""

    delay: Delay | None
    abort: Abort | None


class OutlierDetection(Shape):
    """When a failing address is taken out of its version for a while."""

    consecutive_5xx: int
    interval_ms: int
    base_ejection_ms: int
    max_ejection_percent: int


class ConnectionLimits(Shape):
    """How much one proxy may load a version at once; null leaves the mesh's own limit."""

    max_connections: int | None
    max_pending_requests: int | None
    max_requests: int | None
    max_requests_per_connection: int | None


class Policies(Shape):
    """Everything a rule asks of the mesh beside the split; null leaves the mesh's default."""

    timeout_ms: int | None
    retries: Retries | None
    fault: Fault | None
    outlier_detection: OutlierDetection | None
    connection_limits: ConnectionLimits | None


class Intent(Shape):
    """What is wanted for the traffic of one service."""

    namespace: str
    service_name: str
    hosts: list[str]
    gateways: list[str]
    rule_type: RuleType
    versions: list[Version]
    cohorts: list[Cohort]
    mirror: Mirror | None
    policies: Policies


class TargetDrift(Shape):
    """How a target differs from what it confirmed, and who made it so."""

    summary: str
    author: str | None
    at: Moment


class RowTarget(Shape):
    """Where one target of a listed rule stands."""

    kind: TargetKind
    state: TargetState
    error: str | None
    proof: str | None = Field(description="How it is known that it holds what it confirmed")
    drift: TargetDrift | None


class Target(RowTarget):
    """How far a target has come."""

    desired_generation: int
    confirmed_generation: int | None
    applied_at: Moment | None = Field(description="When what is desired was written there")


class Stage(Shape):
    """One step of an operation."""

    name: StageName
    state: StageState
    at: Moment | None
    detail: str | None


class Operation(Shape):
    """A person's act on its way, with its stages."""

    id: str
    rule_id: str
    kind: OperationKind
    state: OperationState
    generation: int
    actor: str
    reason: str | None
    outcome: str | None
    created_at: Moment
    ended_at: Moment | None
    stages: list[Stage]


class Rule(Intent):
    """A rule: the draft, what of it is deployed, and where."""

    id: str
    cluster: str
    is_active: bool
    edition: int
    state: RuleState
    generation: int | None = Field(description="The revision that is desired now")
    live_versions: list[Version] | None = Field(description="Of the deployed revision")
    targets: list[Target]
    operation: Operation | None = Field(description="The newest")
    created_at: Moment
    updated_at: Moment
    deployed_at: Moment | None
    version1_name: str = Field(default="", description="Only where there are two versions")
    version2_name: str = Field(default="", description="Only where there are two versions")
    version1_weight: Percent = Field(default=0)
    version2_weight: Percent = Field(default=0)


class RuleRow(Shape):
    """A rule in the list."""

    id: str
    namespace: str
    service_name: str
    rule_type: RuleType
    state: RuleState
    edition: int
    generation: int | None
    is_active: bool
    versions: list[Arm]
    live_versions: list[Arm] | None
    targets: list[RowTarget]
    operation_id: str | None
    operation_kind: OperationKind | None
    created_at: Moment
    updated_at: Moment
    deployed_at: Moment | None


class RulePage(Shape):
    """One page of rules; `next` is the cursor of the page after it."""

    items: list[RuleRow]
    next: str | None
    total: int
    counts: dict[str, int] = Field(description="By state; a state without rules may lack")
    namespaces: list[str]


class Finding(Shape):
    """Something to know before a deploy; a blocker stops it."""

    severity: Severity
    code: str
    message: str
    pointer: str


class PreviewDocument(Shape):
    """One target's document as it would be, beside what is there now."""

    target: TargetKind
    path: str
    proposed: str
    current: str | None


class Preview(Shape):
    """What a deploy would change."""

    summary: str
    findings: list[Finding]
    documents: list[PreviewDocument]
    commit_message: str
    edition: int | None
    changes: bool


class RevisionOperation(Shape):
    """The operation that made a revision."""

    id: str
    kind: OperationKind
    state: OperationState
    outcome: str | None


class Revision(Shape):
    """What was deployed under one generation."""

    generation: int
    intent: Intent
    author: str
    reason: str | None
    origin: int | None = Field(description="The generation that a rollback went back to")
    created_at: Moment
    commit: str | None
    operation: RevisionOperation | None
    current: bool
    summary: str


class Document(Shape):
    """What one target holds under a revision."""

    target: TargetKind
    path: str
    content: str


class RevisionDetail(Revision):
    """A revision with its documents."""

    documents: list[Document]


class RevisionPage(Shape):
    """Revisions, newest first; `next` is the `before` of the page after it."""

    items: list[Revision]
    next: int | None


class DriftTarget(Shape):
    """What one place holds of a rule; `error` where it could not be asked."""

    target: Literal["database"] | TargetKind
    generation: int | None
    document: str | None
    differs: bool
    missing: bool
    author: str | None
    at: Moment | None
    summary: str | None
    error: str | None


class Drift(Shape):
    """What database, Git and mesh hold of a rule now, side by side."""

    checked_at: Moment
    targets: list[DriftTarget]


class VersionMetrics(Shape):
    """What one version did within the window; null is no data, never zero."""

    name: str
    share: float | None = Field(description="Of the requests outside cohorts, in percent")
    rate: float | None = Field(description="Requests a second")
    error_rate: float | None = Field(description="Percent")
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    retried_rate: float | None
    requests: int


class RuleMetrics(Shape):
    """What a service did within a window."""

    window_s: int
    rate: float | None
    no_data_since: Moment | None
    reason: str | None
    series: list[float | None] = Field(description="Requests a second, newest last")
    versions: list[VersionMetrics]


class Samples(Shape):
    """Metrics of several rules, by rule id."""

    at: Moment
    items: dict[str, RuleMetrics]

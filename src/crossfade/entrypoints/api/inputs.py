"""The bodies that the API takes; OpenAPI is made from them, the domain judges their content."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crossfade.application.demo_load import HIGHEST_RATE
from crossfade.domain.cohort import LONGEST_VALUE, MOST_CONDITIONS, Operator, Source
from crossfade.domain.intent import MOST_COHORTS, MOST_HOSTS, MOST_VERSIONS, RuleType
from crossfade.entrypoints.api.paths import HIGHEST, LONGEST_ID, LONGEST_REASON
from crossfade.entrypoints.api.shapes import PERCENT_SCHEMA, Shape

READ_ONLY = frozenset(
    {
        "id",
        "cluster",
        "isActive",
        "edition",
        "state",
        "generation",
        "liveVersions",
        "targets",
        "operation",
        "createdAt",
        "updatedAt",
        "deployedAt",
    }
)
# Each field of the two-version form, and the place in `versions` that it stands for.
SHORT_FORM: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "version1Name": (0, "name"),
        "version1Weight": (0, "weight"),
        "version2Name": (1, "name"),
        "version2Weight": (1, "weight"),
    }
)


def exact_percent(found: object) -> Decimal:
    """A JSON number from 0 to 100 with at most two decimals, exactly as it was written."""
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise PydanticCustomError("percent", "expected a number")
    number = Decimal(str(found))
    if not 0 <= number <= 100:  # noqa: PLR2004  # percent
        raise PydanticCustomError("percent", "expected a number from 0 to 100")
    if number != round(number, 2):
        raise PydanticCustomError("percent", "expected at most two decimals")
    return number


Share = Annotated[Decimal, BeforeValidator(exact_percent), PERCENT_SCHEMA]
Reason = Annotated[str, Field(max_length=LONGEST_REASON, description="Why; kept in the audit")]


class VersionInput(Shape):
    """An arm of the split. Without labels: pods labelled `version: <name>`."""

    name: str
    weight: Share
    labels: dict[str, str] | None = None


class ConditionInput(Shape):
    """One thing that must hold of a request. A path has no name, `present` no value."""

    source: Source
    operator: Operator
    name: str = Field(default="", max_length=LONGEST_VALUE)
    value: str = Field(default="", max_length=LONGEST_VALUE)


class CohortInput(Shape):
    """Requests of which every condition holds; they all go to one version."""

    name: str
    version: str
    conditions: list[ConditionInput] = Field(min_length=1, max_length=MOST_CONDITIONS)


class MirrorInput(Shape):
    """A copy of a share of the requests, whose answers are thrown away."""

    version: str
    share: Share = Decimal(100)


class RetriesInput(Shape):
    """How often, how long and why a failed try is repeated."""

    attempts: StrictInt
    per_try_timeout_ms: StrictInt | None = None
    retry_on: list[str] = Field(default=["5xx"])


class DelayInput(Shape):
    """A pause laid on a share of the requests."""

    share: Share
    duration_ms: StrictInt


class AbortInput(Shape):
    """An error answered for a share of the requests."""

    share: Share
    status: StrictInt


class FaultInput(Shape):
    """Trouble made on purpose: a delay, an abort, or both."""

    delay: DelayInput | None = None
    abort: AbortInput | None = None


class OutlierDetectionInput(Shape):
    """When a failing address is taken out of its version for a while."""

    consecutive_5xx: StrictInt = 5
    interval_ms: StrictInt = 10_000
    base_ejection_ms: StrictInt = 30_000
    max_ejection_percent: StrictInt = 50


class ConnectionLimitsInput(Shape):
    """How much one proxy may load a version at once; at least one limit."""

    max_connections: StrictInt | None = None
    max_pending_requests: StrictInt | None = None
    max_requests: StrictInt | None = None
    max_requests_per_connection: StrictInt | None = None


class PoliciesInput(Shape):
    """What a rule asks of the mesh beside the split; what is not named is left to the mesh."""

    timeout_ms: StrictInt | None = None
    retries: RetriesInput | None = None
    fault: FaultInput | None = None
    outlier_detection: OutlierDetectionInput | None = None
    connection_limits: ConnectionLimitsInput | None = None


class RuleContent(Shape):
    """What may be said of a rule in any form. Fields that only we write are ignored."""

    namespace: str | None = Field(default=None, description='"default" in a new rule')
    hosts: list[str] | None = Field(default=None, max_length=MOST_HOSTS)
    gateways: list[str] | None = Field(default=None, max_length=MOST_HOSTS)
    rule_type: RuleType | None = None
    cohorts: list[CohortInput] | None = Field(default=None, max_length=MOST_COHORTS)
    mirror: MirrorInput | None = None
    policies: PoliciesInput | None = None
    reason: Reason | None = None

    read_only: ClassVar[frozenset[str]] = READ_ONLY

    @model_validator(mode="before")
    @classmethod
    def _without_read_only(cls, body: object) -> object:
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if name not in cls.read_only}


class TwoVersionEdit(RuleContent):
    """An edit in the two-version form: what it does not name stays as it is."""

    service_name: str | None = None
    version1_name: str | None = None
    version2_name: str | None = None
    version1_weight: Share | None = None
    version2_weight: Share | None = None


class RuleEdit(TwoVersionEdit):
    """A rule as it shall be, whole.

    The two-version form may stand beside `versions` where both agree, or where only one of them
    differs from the rule as it is kept.
    """

    versions: list[VersionInput] = Field(max_length=MOST_VERSIONS)


class RuleInput(RuleEdit):
    """A new rule."""

    service_name: str


class TwoVersionInput(TwoVersionEdit):
    """A new rule with two versions."""

    service_name: str
    version1_name: str
    version2_name: str
    version1_weight: Share
    version2_weight: Share


class PreviewInput(RuleInput):
    """A rule that may be new; with an `id`, an edit to that rule."""

    id: str | None = Field(default=None, max_length=LONGEST_ID)
    read_only: ClassVar[frozenset[str]] = READ_ONLY - {"id"}


class TwoVersionPreview(TwoVersionEdit):
    """The same in the two-version form."""

    id: str | None = Field(default=None, max_length=LONGEST_ID)
    read_only: ClassVar[frozenset[str]] = READ_ONLY - {"id"}


class Form(StrEnum):
    """How a body names its versions."""

    CANONICAL = "canonical form"
    TWO_VERSIONS = "two-version form"


def form_of(body: object) -> Form:
    """The form of a body that is still to be read."""
    if isinstance(body, TwoVersionEdit):
        return Form.CANONICAL if isinstance(body, RuleEdit) else Form.TWO_VERSIONS
    if not isinstance(body, dict) or body.get("versions") is not None:
        return Form.CANONICAL
    return Form.TWO_VERSIONS if SHORT_FORM.keys() & body.keys() else Form.CANONICAL


NewRule = Annotated[
    Annotated[RuleInput, Tag(Form.CANONICAL)] | Annotated[TwoVersionInput, Tag(Form.TWO_VERSIONS)],
    Discriminator(form_of),
]
EditedRule = Annotated[
    Annotated[RuleEdit, Tag(Form.CANONICAL)] | Annotated[TwoVersionEdit, Tag(Form.TWO_VERSIONS)],
    Discriminator(form_of),
]
PreviewedRule = Annotated[
    Annotated[PreviewInput, Tag(Form.CANONICAL)]
    | Annotated[TwoVersionPreview, Tag(Form.TWO_VERSIONS)],
    Discriminator(form_of),
]


class ReasonInput(Shape):
    """The reason of an act, kept in the audit."""

    reason: Reason | None = None


class RollbackInput(ReasonInput):
    """Which revision to go back to; null: the newest proven one that differs."""

    generation: Annotated[StrictInt, Field(ge=1, le=HIGHEST)] | None = None


class LocalServiceInput(ReasonInput):
    """Where each version listens: `host:port`, one or more."""

    versions: dict[str, list[str]]


class DemoLoadInput(Shape):
    """Whether requests shall be sent to the sample services, and how many a second."""

    running: StrictBool
    rate: Annotated[StrictInt, Field(ge=1, le=int(HIGHEST_RATE))] | None = None

"""The answers that are not about one rule: services, audit, identity, events, health."""

from typing import Literal

from pydantic import ConfigDict, Field

from crossfade.entrypoints.api.schemas import Anything
from crossfade.entrypoints.api.shapes import Moment, Shape, camel_case


class ServiceVersion(Shape):
    """A version that can be given traffic; `ready` is null where nobody counts."""

    name: str
    addresses: list[str]
    ready: int | None


class Service(Shape):
    """A service that a rule can be made for, or that has one."""

    namespace: str
    service_name: str
    versions: list[ServiceVersion]
    rule_id: str | None


class ServiceList(Shape):
    """Every service known here."""

    items: list[Service]


class LocalAddresses(Shape):
    """Where the versions of a service on this machine listen."""

    namespace: str
    service_name: str
    versions: dict[str, list[str]]


class AuditEntry(Shape):
    """A person's act, or the terminal outcome of one."""

    n: int
    at: Moment
    actor: str
    action: str
    namespace: str
    service_name: str
    rule_id: str | None
    operation_id: str | None
    generation: int | None
    reason: str | None
    summary: str
    before: Anything | None
    after: Anything | None
    hash: str


class AuditPage(Shape):
    """Entries, newest first; `next` is the `before` of the page after it."""

    items: list[AuditEntry]
    next: int | None


class AuditVerdict(Shape):
    """Whether the audit chain is whole, and agrees with the commits that remember it."""

    ok: bool
    entries: int
    head: str | None
    commits_checked: int
    problems: list[str]


class DemoLoad(Shape):
    """Whether requests can be, and are, sent to the sample services."""

    available: bool
    running: bool
    rate: float


class DemoLoadState(Shape):
    """The demo load as it runs now."""

    running: bool
    rate: float
    sent: int
    failed: int


class Me(Shape):
    """Who is asking, and what kind of installation answers."""

    name: str
    surrounding: Literal["embedded", "cluster", "git-only"]
    demo_load: DemoLoad
    entrance: str | None
    git_url: str | None
    version: str


class EventFrame(Shape):
    """A small word that something changed; who needs more asks for it."""

    type: Literal["rule", "operation", "drift", "audit", "local", "health", "gap"] = Field(
        description="gap: words were lost, look at everything again"
    )
    id: str
    rule_id: str | None
    state: str | None


class Check(Shape):
    """One thing that the installation stands on."""

    name: str
    ok: bool
    detail: str
    since: Moment


class Health(Shape):
    """How the installation is, as a whole and part by part."""

    status: Literal["ok", "degraded"]
    checks: list[Check]


class InvalidPart(Shape):
    """One broken law: where, and what was expected and found."""

    pointer: str = Field(description="JSON pointer into the body; empty: all of it")
    detail: str
    parameter: str = Field(default="", description="Where it is not the body: which parameter")


class Problem(Shape):
    """An error (RFC 9457); `type` is the address of the page that explains it."""

    model_config = ConfigDict(alias_generator=camel_case, extra="allow")

    type: str = Field(examples=["/docs/problems/stale-edition"])
    title: str
    status: int
    detail: str
    instance: str
    errors: list[InvalidPart] = Field(default=[])

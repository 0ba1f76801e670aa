"""The answers that are not about one rule: services, audit, identity, events, health."""

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from crossfade.entrypoints.api.schemas import Anything
from crossfade.entrypoints.api.shapes import Moment, Shape, camel_case


class Surrounding(StrEnum):
    """Where traffic is divided, and by whose hand: beside us, in a cluster, or after a commit."""

    EMBEDDED = "embedded"
    CLUSTER = "cluster"
    GIT_ONLY = "git-only"


class Backing(Shape):
    """The pods behind one version: those that are ready, of those that are known."""

    name: str
    ready: int
    known: int


class BackingList(Shape):
    """What stands behind each version of a rule; empty where versions are addresses."""

    items: list[Backing]


class ServiceVersion(Shape):
    """A version that can be given traffic: addresses on this machine, or pods in a cluster."""

    name: str
    addresses: list[str]
    labels: dict[str, str] = Field(description="Of its pods; empty where it is addresses")
    ready: int | None = Field(description="Pods that are ready; null where nobody counts")
    known: int | None = Field(description="Pods there are; null where nobody counts")


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
    surrounding: Surrounding
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
    address: str | None = Field(description="Where it is reached")
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

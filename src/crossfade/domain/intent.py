"""What a person wants for the traffic of one service: the content of a rule."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crossfade.domain.cohort import Cohort
from crossfade.domain.errors import Fault, refuse
from crossfade.domain.names import ServiceKey, host_faults, label_faults, name_faults
from crossfade.domain.policies import Policies
from crossfade.domain.share import WHOLE, percent_text
from crossfade.domain.split import Split, split_faults

MOST_VERSIONS = 20
MOST_COHORTS = 64
MOST_HOSTS = 64
MESH_GATEWAY = "mesh"


class RuleType(StrEnum):
    """The least that a rule must hold; features combine freely beyond it."""

    WEIGHTED = "WEIGHTED"
    HEADER = "HEADER"
    MIRROR = "MIRROR"


@dataclass(frozen=True, slots=True)
class Version:
    """An arm of the split: its weight, and the labels of its pods."""

    name: str
    weight: int
    labels: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        faults = list(name_faults("/name", self.name))
        for key, value in self.labels:
            faults += label_faults("/labels", key, value)
        if len(dict(self.labels)) < len(self.labels):
            faults.append(Fault("/labels", "expected different label keys"))
        refuse(faults)
        # Labels have no order: sorted, two versions that mean the same are equal.
        labels = tuple(sorted(self.labels)) or (("version", self.name),)
        object.__setattr__(self, "labels", labels)


@dataclass(frozen=True, slots=True)
class Mirror:
    """A copy of a share of the requests, sent to a version whose answers are thrown away."""

    version: str
    share: int = WHOLE

    def __post_init__(self) -> None:
        if not 0 < self.share <= WHOLE:
            found = percent_text(self.share)
            detail = f"expected a share above 0 and at most 100, found {found}"
            refuse([Fault("/share", detail)])


@dataclass(frozen=True, slots=True)
class Intent:
    """What is wanted for one service. It cannot be built in a bad state."""

    key: ServiceKey
    versions: tuple[Version, ...]
    rule_type: RuleType = RuleType.WEIGHTED
    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = (MESH_GATEWAY,)
    cohorts: tuple[Cohort, ...] = ()
    mirror: Mirror | None = None
    policies: Policies = field(default_factory=Policies)

    def __post_init__(self) -> None:
        refuse(_faults(self))

    @property
    def split(self) -> Split:
        """Who gets how much of the traffic outside cohorts."""
        return Split(tuple((version.name, version.weight) for version in self.versions))

    def moves_weights_of(self, other: "Intent") -> bool:
        """Whether nothing but weights sets the two apart."""
        weights = {arm.name: arm.weight for arm in self.versions}
        arms = (replace(arm, weight=weights.get(arm.name, arm.weight)) for arm in other.versions)
        return tuple(arms) == self.versions and replace(other, versions=self.versions) == self

    @property
    def receivers(self) -> tuple[str, ...]:
        """Versions that get requests by weight, cohort or mirror, in the rule's order."""
        chosen = {version.name for version in self.versions if version.weight}
        chosen |= {cohort.version for cohort in self.cohorts}
        chosen |= {self.mirror.version} if self.mirror else set()
        return tuple(version.name for version in self.versions if version.name in chosen)


def _faults(intent: Intent) -> Iterable[Fault]:
    yield from _version_faults(intent)
    yield from _host_faults(intent)
    yield from _reference_faults(intent)
    yield from _type_faults(intent)


def _version_faults(intent: Intent) -> Iterable[Fault]:
    count = len(intent.versions)
    if not 1 <= count <= MOST_VERSIONS:
        yield Fault("/versions", f"expected 1 to {MOST_VERSIONS} versions, found {count}")
    names = Counter(version.name for version in intent.versions)
    for position, version in enumerate(intent.versions):
        if names[version.name] > 1:
            detail = f"expected different names, found {version.name!r} {names[version.name]} times"
            yield Fault(f"/versions/{position}/name", detail)
    yield from split_faults(tuple((version.name, version.weight) for version in intent.versions))


def _host_faults(intent: Intent) -> Iterable[Fault]:
    if len(intent.hosts) > MOST_HOSTS:
        yield Fault("/hosts", f"expected at most {MOST_HOSTS} hosts, found {len(intent.hosts)}")
    for position, host in enumerate(intent.hosts):
        yield from host_faults(f"/hosts/{position}", host)
    if len(set(intent.hosts)) < len(intent.hosts):
        yield Fault("/hosts", "expected different hosts")
    if not 1 <= len(intent.gateways) <= MOST_HOSTS:
        detail = f"expected 1 to {MOST_HOSTS} gateways, found {len(intent.gateways)}"
        yield Fault("/gateways", detail)
    for position, gateway in enumerate(intent.gateways):
        for part in gateway.split("/", maxsplit=1):
            yield from name_faults(f"/gateways/{position}", part)
    if len(set(intent.gateways)) < len(intent.gateways):
        yield Fault("/gateways", "expected different gateways")


def _reference_faults(intent: Intent) -> Iterable[Fault]:
    known = {version.name for version in intent.versions}
    if len(intent.cohorts) > MOST_COHORTS:
        detail = f"expected at most {MOST_COHORTS} cohorts, found {len(intent.cohorts)}"
        yield Fault("/cohorts", detail)
    for position, cohort in enumerate(intent.cohorts):
        yield from name_faults(f"/cohorts/{position}/name", cohort.name)
        if cohort.version not in known:
            yield _unknown(f"/cohorts/{position}/version", cohort.version, known)
    if len({cohort.name for cohort in intent.cohorts}) < len(intent.cohorts):
        yield Fault("/cohorts", "expected different names for the cohorts")
    if intent.mirror and intent.mirror.version not in known:
        yield _unknown("/mirror/version", intent.mirror.version, known)


def _type_faults(intent: Intent) -> Iterable[Fault]:
    if intent.rule_type is RuleType.HEADER and not intent.cohorts:
        yield Fault("/cohorts", "expected at least one cohort in a HEADER rule, found none")
    if intent.rule_type is RuleType.MIRROR and intent.mirror is None:
        yield Fault("/mirror", "expected a mirror in a MIRROR rule, found none")


def _unknown(pointer: str, found: str, known: set[str]) -> Fault:
    names = ", ".join(sorted(known)) or "a version of the rule"
    return Fault(pointer, f"expected one of {names}, found {found!r}")

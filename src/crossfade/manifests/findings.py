"""What is to be known of an intent before it is deployed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crossfade.domain.around import Around, Backing, Claim
from crossfade.domain.intent import MESH_GATEWAY, Intent, Version
from crossfade.domain.share import WHOLE, percent_text
from crossfade.domain.split import describe_change

LARGEST_CALM_JUMP: Final = WHOLE // 2


class Severity(StrEnum):
    """A blocker stops a deploy; a warning asks to look twice; an info tells."""

    BLOCKER = "blocker"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know, and where in the rule it is."""

    severity: Severity
    code: str
    message: str
    pointer: str


def findings(intent: Intent, live: Intent | None, around: Around | None) -> tuple[Finding, ...]:
    """Everything to know, gravest first; without `around`, what the rule alone tells."""
    found = [
        *(_outer_findings(intent, around) if around is not None else ()),
        *(_risky_changes(intent, live) if live is not None else ()),
        *_shadowed_cohorts(intent),
        *_double_mirror(intent),
        *_shared_labels(intent),
        *_unreached_hosts(intent, embedded=around is not None and around.local),
        *_severe_policies(intent),
    ]
    gravity = list(Severity)
    return tuple(sorted(found, key=lambda finding: gravity.index(finding.severity)))


def blockers(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of the findings that stop a deploy."""
    return tuple(finding for finding in found if finding.severity is Severity.BLOCKER)


def _outer_findings(intent: Intent, around: Around) -> Iterable[Finding]:
    for obstacle in around.obstacles:
        yield Finding(Severity.BLOCKER, obstacle.code, obstacle.message, obstacle.pointer)
    for claim in around.claims:
        message = f"{claim.owner} already routes {claim.host} on {claim.gateway}."
        yield Finding(Severity.BLOCKER, "host-claimed", message, _place_of(intent, claim))
    if around.backing is None:
        return
    for position, arm in enumerate(intent.versions):
        backing = around.backing.get(arm.name, Backing(0, 0))
        if arm.name in intent.receivers and not backing.ready:
            message = _unbacked(intent, arm, backing, local=around.local)
            yield Finding(Severity.BLOCKER, "no-endpoints", message, f"/versions/{position}")


def _place_of(intent: Intent, claim: Claim) -> str:
    return f"/hosts/{intent.hosts.index(claim.host)}" if claim.host in intent.hosts else "/hosts"


def _unbacked(intent: Intent, arm: Version, backing: Backing, *, local: bool) -> str:
    version = f"{arm.name} of {intent.key.service}"
    if local:
        return f"{version} has no address, so its requests would fail."
    if backing.known:
        return f"{version} has 0 of {backing.known} endpoints ready, so its requests would fail."
    labels = ", ".join(f"{key}={value}" for key, value in arm.labels)
    return f"{version} has no endpoints: no pod behind the service carries {labels}."


def _risky_changes(intent: Intent, live: Intent) -> Iterable[Finding]:
    known = {arm.name for arm in intent.versions}
    for position, arm in enumerate(intent.versions):
        before = live.split.share_of(arm.name)
        if before == 0 and arm.weight > LARGEST_CALM_JUMP:
            message = f"{arm.name} jumps from no traffic to {percent_text(arm.weight)} at once."
            yield Finding(Severity.WARNING, "sudden-start", message, f"/versions/{position}/weight")
    for name in live.receivers:
        if name not in known:
            message = f"{name} is taken out while it still gets traffic."
            yield Finding(Severity.WARNING, "version-still-used", message, "/versions")


def _shadowed_cohorts(intent: Intent) -> Iterable[Finding]:
    for position, cohort in enumerate(intent.cohorts):
        for earlier in intent.cohorts[:position]:
            if set(earlier.conditions) <= set(cohort.conditions):
                message = f"Every request of {cohort.name} already belongs to {earlier.name}."
                yield Finding(Severity.WARNING, "cohort-shadowed", message, f"/cohorts/{position}")
                break


def _double_mirror(intent: Intent) -> Iterable[Finding]:
    if (mirror := intent.mirror) is None:
        return
    share = intent.split.share_of(mirror.version)
    if share == WHOLE:
        message = f"{mirror.version} gets every request already, and the copies on top."
        yield Finding(Severity.WARNING, "mirror-doubles", message, "/mirror/version")
    elif share:
        message = f"{mirror.version} also gets copies of the requests that it answers itself."
        yield Finding(Severity.INFO, "mirror-doubles", message, "/mirror/version")


def _shared_labels(intent: Intent) -> Iterable[Finding]:
    owners: dict[object, str] = {}
    for position, arm in enumerate(intent.versions):
        owner = owners.setdefault(arm.labels, arm.name)
        if owner != arm.name:
            message = f"{arm.name} and {owner} have the same labels, so they are the same pods."
            yield Finding(Severity.WARNING, "same-labels", message, f"/versions/{position}/labels")


def _unreached_hosts(intent: Intent, *, embedded: bool) -> Iterable[Finding]:
    service = intent.key.service
    own = {service, *intent.key.hosts}
    if intent.hosts and MESH_GATEWAY in intent.gateways and own.isdisjoint(intent.hosts):
        message = (
            f"The hosts leave {service} itself out: callers inside the mesh that call it by its "
            "own name go by no rule."
        )
        yield Finding(Severity.WARNING, "own-host-missing", message, "/hosts")
    for position, host in enumerate(intent.hosts):
        if embedded and host.startswith("*"):
            message = f"The local proxy does not route {host}: it takes whole host names."
            yield Finding(Severity.INFO, "wildcard-host", message, f"/hosts/{position}")


def _severe_policies(intent: Intent) -> Iterable[Finding]:
    fault, retries = intent.policies.fault, intent.policies.retries
    timeout_ms = intent.policies.timeout_ms
    if fault and fault.abort and fault.abort.share == WHOLE:
        message = f"Every request is answered with {fault.abort.status} and reaches no version."
        yield Finding(Severity.WARNING, "abort-everything", message, "/policies/fault/abort/share")
    if not (retries and timeout_ms):
        return
    if retries.per_try_timeout_ms is None or retries.per_try_timeout_ms >= timeout_ms:
        message = "One slow try uses up the whole timeout, so it is never repeated."
        pointer = "/policies/retries/perTryTimeoutMs"
        yield Finding(Severity.INFO, "no-time-to-retry", message, pointer)


def summary(intent: Intent, live: Intent | None) -> str:
    """What a deploy would change, in one sentence."""
    service = intent.key.service
    if live is None:
        return f"{service} is divided for the first time: {describe_change(None, intent.split)}"
    if live == intent:
        return f"Nothing changes for {service}"
    others = _changed_parts(intent, live)
    names = {arm.name for arm in (*intent.versions, *live.versions)}
    if all(intent.split.share_of(name) == live.split.share_of(name) for name in names):
        return f"The split of {service} stays; changed: {', '.join(others)}"
    change = _split_change(intent, live)
    return f"{change}; also changed: {', '.join(others)}" if others else change


def _split_change(intent: Intent, live: Intent) -> str:
    gains = {
        name: weight - live.split.share_of(name)
        for name, weight in intent.split.weights
        if weight > live.split.share_of(name)
    }
    if len(gains) == 1:
        [(name, gain)] = gains.items()
        return f"{percent_text(gain)} more of {intent.key.service} goes to {name}"
    return f"{intent.key.service} is divided anew: {describe_change(live.split, intent.split)}"


def _changed_parts(intent: Intent, live: Intent) -> list[str]:
    parts = {
        "cohorts": (intent.cohorts, live.cohorts),
        "mirror": (intent.mirror, live.mirror),
        "policies": (intent.policies, live.policies),
        "hosts": (intent.hosts, live.hosts),
        "gateways": (intent.gateways, live.gateways),
        "rule type": (intent.rule_type, live.rule_type),
        "versions": (_arms(intent), _arms(live)),
    }
    return [name for name, (after, before) in parts.items() if after != before]


def _arms(intent: Intent) -> tuple[object, ...]:
    return tuple((arm.name, arm.labels) for arm in intent.versions)

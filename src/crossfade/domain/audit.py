"""The chain of what people did: each entry's hash covers its bytes and the hash before it."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crossfade.domain.names import ServiceKey

GENESIS = "0" * 64
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A person's act, or the terminal outcome of one. `action` is e.g. "deploy.requested"."""

    at: datetime
    actor: str
    action: str
    key: ServiceKey
    summary: str
    rule_id: str | None = None
    operation_id: str | None = None
    generation: int | None = None
    reason: str | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is kept: its number, its exact bytes, and its hash."""

    n: int
    body: bytes
    hash: str


def encode(act: Act, n: int) -> bytes:
    """The exact bytes of an entry."""
    fields = {
        "n": n,
        "at": act.at.isoformat(),
        "actor": act.actor,
        "action": act.action,
        "cluster": act.key.cluster,
        "namespace": act.key.namespace,
        "serviceName": act.key.service,
        "ruleId": act.rule_id,
        "operationId": act.operation_id,
        "generation": act.generation,
        "reason": act.reason,
        "summary": act.summary,
        "before": act.before,
        "after": act.after,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def chained(previous_hash: str, body: bytes) -> str:
    """The hash of an entry: SHA-256 over the hash before it and its bytes."""
    return hashlib.sha256(bytes.fromhex(previous_hash) + body).hexdigest()


def link(previous: Link | None, act: Act) -> Link:
    """The entry that follows `previous`."""
    n = 1 if previous is None else previous.n + 1
    body = encode(act, n)
    return Link(n, body, chained(GENESIS if previous is None else previous.hash, body))


def chain_problems(links: Iterable[Link]) -> Iterable[str]:
    """Every place where the chain is broken, from entry 1 on."""
    expected, previous_hash = 1, GENESIS
    for entry in links:
        if entry.n != expected:
            yield f"entry {expected} is missing: found {entry.n} in its place"
        true_hash = chained(previous_hash, entry.body)
        if true_hash != entry.hash:
            yield f"entry {entry.n} does not carry the hash of its bytes and the entry before it"
        # What is no hash at all cannot be chained on, and must not hide what follows.
        previous_hash = entry.hash if _HASH.fullmatch(entry.hash) else true_hash
        expected = entry.n + 1

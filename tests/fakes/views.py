"""The API's JSON, made from the in-memory database."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from tests.fakes.kept import Kept
from tests.fakes.work import FakeDatabase

from crossfade.application.views import AuditFilter, RuleFilter, RuleView, moment_text
from crossfade.domain.audit import Link
from crossfade.domain.errors import (
    DatabaseUnavailableError,
    OperationNotFoundError,
    RevisionNotFoundError,
    RuleNotFoundError,
)
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision
from crossfade.domain.rule import Rule
from crossfade.domain.share import percent
from crossfade.domain.split import describe_change
from crossfade.domain.target import Target
from crossfade.manifests.rule_document import intent_document

Json = dict[str, Any]
PAIR = 2


class FakeViews:
    """Reads for the screen."""

    def __init__(self, database: FakeDatabase) -> None:
        self._database = database

    @property
    def _kept(self) -> Kept:
        if not self._database.up:
            raise DatabaseUnavailableError("PostgreSQL did not answer as needed: it is down")
        return self._database.kept

    async def rules(self, wanted: RuleFilter) -> bytes:
        """A page of rules, by namespace and service."""
        everything = sorted(self._kept.rules.values(), key=_name)
        counted = [rule for rule in everything if _matches(rule, wanted)]
        chosen = [rule for rule in counted if wanted.state in (None, rule.state)]
        left = [rule for rule in chosen if _name(rule) > (wanted.cursor or "")]
        shown = left[: wanted.limit]
        page = {
            "items": [self._row(rule) for rule in shown],
            "next": _name(shown[-1]) if len(left) > len(shown) else None,
            "total": len(counted),
            "counts": dict(Counter(str(rule.state) for rule in counted)),
            "namespaces": sorted({rule.key.namespace for rule in everything}),
        }
        return orjson.dumps(page)

    async def rule(self, rule_id: str) -> RuleView:
        """One rule with its targets and its newest operation."""
        rule = self._rule(rule_id)
        live, newest = self._live(rule), self._newest(rule)
        document = intent_document(rule.intent)
        shown = {
            **document,
            **_standing(rule),
            **_short_form(rule),
            "cluster": rule.key.cluster,
            "liveVersions": intent_document(live.intent)["versions"] if live else None,
            "targets": [_target(target) for target in self._targets(rule)],
            "operation": newest and _operation(newest),
        }
        return RuleView(rule.edition, orjson.dumps(shown))

    async def operation(self, operation_id: str) -> bytes:
        """An operation with its stages."""
        if operation_id not in self._kept.operations:
            raise OperationNotFoundError(f"There is no operation {operation_id}.")
        return orjson.dumps(_operation(self._kept.operations[operation_id]))

    async def revisions(self, rule_id: str, *, limit: int = 50, before: int | None = None) -> bytes:
        """A page of the rule's revisions, newest first."""
        rule = self._rule(rule_id)
        found = [one for one in self._history(rule) if before is None or one.generation < before]
        shown = found[:limit]
        following = shown[-1].generation if len(found) > len(shown) else None
        items = [self._revision(rule, revision) for revision in shown]
        return orjson.dumps({"items": items, "next": following})

    async def revision(self, rule_id: str, generation: int) -> bytes:
        """One revision with its documents."""
        rule = self._rule(rule_id)
        for revision in self._history(rule):
            if revision.generation == generation:
                documents = [
                    {"target": one.target, "path": one.path, "content": one.content}
                    for one in revision.documents
                ]
                return orjson.dumps({**self._revision(rule, revision), "documents": documents})
        raise RevisionNotFoundError(f"The rule {rule_id} has no revision {generation}.")

    async def audit(self, wanted: AuditFilter) -> bytes:
        """A page of the audit chain, newest first."""
        entries = [_entry(link) for link in reversed(self._kept.links)]
        found = [entry for entry in entries if _wanted(entry, wanted)]
        shown = found[: wanted.limit]
        following = shown[-1]["n"] if len(found) > len(shown) else None
        return orjson.dumps({"items": shown, "next": following})

    async def services(self) -> bytes:
        """Every local service, with the rule that divides its traffic."""
        rules = {rule.key: rule.id for rule in self._kept.rules.values()}
        items = [
            {
                "namespace": key.namespace,
                "serviceName": key.service,
                "versions": [
                    {
                        **{"name": name, "addresses": list(addresses), "labels": {}},
                        **{"ready": None, "known": None},
                    }
                    for name, addresses in service.versions
                ],
                "ruleId": rules.get(key),
            }
            for key, service in sorted(self._kept.local_services.items())
        ]
        return orjson.dumps({"items": items})

    async def rule_ids(self, keys: Sequence[ServiceKey]) -> Mapping[ServiceKey, str]:
        """The rule of each of these services, by its id."""
        asked = set(keys)
        return {rule.key: rule.id for rule in self._kept.rules.values() if rule.key in asked}

    def _rule(self, rule_id: str) -> Rule:
        if rule_id not in self._kept.rules:
            raise RuleNotFoundError(f"There is no rule {rule_id}.")
        return self._kept.rules[rule_id]

    def _live(self, rule: Rule) -> Revision | None:
        return (rule.generation and self._kept.revisions[rule.key, rule.generation]) or None

    def _newest(self, rule: Rule) -> Operation | None:
        found = [one for one in self._kept.operations.values() if one.rule_id == rule.id]
        return found[-1] if found else None

    def _targets(self, rule: Rule) -> Iterable[Target]:
        held = self._kept.targets
        return (held[place].target for place in sorted(held, reverse=True) if place[0] == rule.id)

    def _history(self, rule: Rule) -> list[Revision]:
        found = [one for one in self._kept.revisions.values() if one.key == rule.key]
        return sorted(found, key=lambda revision: revision.generation, reverse=True)

    def _row(self, rule: Rule) -> Json:
        live, newest = self._live(rule), self._newest(rule)
        return {
            **_standing(rule),
            "namespace": rule.key.namespace,
            "serviceName": rule.key.service,
            "ruleType": rule.intent.rule_type,
            "versions": _arms(rule.intent),
            "liveVersions": _arms(live.intent) if live else None,
            "targets": [_mark(target) for target in self._targets(rule)],
            "operationId": newest and newest.id,
            "operationKind": newest and newest.kind,
        }

    def _revision(self, rule: Rule, revision: Revision) -> Json:
        older = [one for one in self._history(rule) if one.generation < revision.generation]
        makers = [
            one
            for one in self._kept.operations.values()
            if one.rule_id == revision.rule_id and one.generation == revision.generation
        ]
        before = older[0].intent.split if older else None
        return {
            "generation": revision.generation,
            "intent": intent_document(revision.intent),
            "author": revision.author,
            "reason": revision.reason,
            "origin": revision.origin,
            "createdAt": moment_text(revision.created_at),
            "commit": revision.commit,
            "operation": _maker(makers[0]) if makers else None,
            "current": revision.generation == rule.generation,
            "summary": describe_change(before, revision.intent.split),
        }


def _name(rule: Rule) -> str:
    return f"{rule.key.namespace}/{rule.key.service}"


def _matches(rule: Rule, wanted: RuleFilter) -> bool:
    return (
        wanted.namespace in (None, rule.key.namespace)
        and wanted.service in (None, rule.key.service)
        and (wanted.q is None or wanted.q.lower() in (rule.key.service + " " + rule.key.namespace))
    )


def _standing(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "state": rule.state,
        "edition": rule.edition,
        "generation": rule.generation,
        "isActive": rule.is_active,
        "createdAt": moment_text(rule.created_at),
        "updatedAt": moment_text(rule.updated_at),
        "deployedAt": _moment(rule.deployed_at),
    }


def _short_form(rule: Rule) -> Json:
    arms = rule.intent.versions
    if len(arms) != PAIR:
        return {}
    names = {f"version{n}Name": arm.name for n, arm in enumerate(arms, 1)}
    return names | {f"version{n}Weight": percent(arm.weight) for n, arm in enumerate(arms, 1)}


def _arms(intent: Intent) -> list[Json]:
    return [{"name": arm.name, "weight": percent(arm.weight)} for arm in intent.versions]


def _mark(target: Target) -> Json:
    drift = target.drift
    return {
        "kind": target.kind,
        "state": target.state,
        "error": target.error,
        "proof": target.proof,
        "drift": drift
        and {"summary": drift.summary, "author": drift.author, "at": moment_text(drift.at)},
    }


def _target(target: Target) -> Json:
    progress = {
        "desiredGeneration": target.desired_generation,
        "confirmedGeneration": target.confirmed_generation,
        "appliedAt": _moment(target.applied_at),
    }
    return {**_mark(target), **progress}


def _operation(operation: Operation) -> Json:
    return {
        "id": operation.id,
        "ruleId": operation.rule_id,
        "kind": operation.kind,
        "state": operation.state,
        "generation": operation.generation,
        "actor": operation.actor,
        "reason": operation.reason,
        "outcome": operation.outcome,
        "createdAt": moment_text(operation.created_at),
        "endedAt": _moment(operation.ended_at),
        "stages": [
            {
                "name": stage.name,
                "state": stage.state,
                "at": _moment(stage.at),
                "detail": stage.detail,
            }
            for stage in operation.stages
        ],
    }


def _maker(operation: Operation) -> Json:
    fields = ("id", "kind", "state", "outcome")
    return {name: getattr(operation, name) for name in fields}


def _entry(link: Link) -> Json:
    entry: Json = json.loads(link.body)
    del entry["cluster"]
    entry["at"] = moment_text(datetime.fromisoformat(entry["at"]))
    return {**entry, "hash": link.hash}


def _wanted(entry: Mapping[str, Any], wanted: AuditFilter) -> bool:
    at = datetime.fromisoformat(entry["at"])
    return (
        wanted.actor in (None, entry["actor"])
        and wanted.action in (None, entry["action"])
        and wanted.service in (None, entry["serviceName"])
        and wanted.namespace in (None, entry["namespace"])
        and (wanted.since is None or at >= wanted.since)
        and (wanted.until is None or at < wanted.until)
        and (wanted.before is None or entry["n"] < wanted.before)
    )


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment_text(at)

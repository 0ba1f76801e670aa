"""How the values of the domain lie in the columns of the tables, there and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, RowMapping

from crossfade.application.views import moment_text
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import (
    Operation,
    OperationKind,
    OperationState,
    Stage,
    StageName,
    StageState,
)
from crossfade.domain.revision import Document, Revision, TargetKind, Verdict
from crossfade.domain.rule import Rule, RuleState
from crossfade.domain.target import Drift, Presence, Target, TargetState
from crossfade.manifests.rule_document import intent_document, parse_intent

Columns = Mapping[str, Any]
Found = Columns | RowMapping


def part_of(row: RowMapping, table: FromClause) -> Columns:
    """The columns that one of the joined tables gave to a row."""
    return {column.name: row[column] for column in table.c}


def key_columns(key: ServiceKey) -> Columns:
    """The columns that name a service."""
    return {"cluster": key.cluster, "namespace": key.namespace, "service_name": key.service}


def to_key(row: Found) -> ServiceKey:
    """The service that a row is about."""
    return ServiceKey(row["cluster"], row["namespace"], row["service_name"])


def rule_columns(rule: Rule) -> Columns:
    """A rule as its row."""
    return {
        "id": rule.id,
        **key_columns(rule.key),
        "intent": intent_document(rule.intent),
        "state": rule.state,
        "edition": rule.edition,
        "generation": rule.generation,
        "is_active": rule.is_active,
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
        "deployed_at": rule.deployed_at,
    }


def to_rule(row: Found) -> Rule:
    """The rule of a row."""
    return Rule(
        id=row["id"],
        intent=parse_intent(row["intent"], row["cluster"]),
        state=RuleState(row["state"]),
        edition=row["edition"],
        generation=row["generation"],
        is_active=row["is_active"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deployed_at=row["deployed_at"],
    )


def revision_columns(revision: Revision) -> Columns:
    """A revision as its row."""
    return {
        **key_columns(revision.key),
        "generation": revision.generation,
        "rule_id": revision.rule_id,
        "intent": intent_document(revision.intent),
        "renderer": revision.renderer,
        "documents": [_document_json(document) for document in revision.documents],
        "author": revision.author,
        "reason": revision.reason,
        "origin": revision.origin,
        "verdict": revision.verdict,
        "commit": revision.commit,
        "created_at": revision.created_at,
    }


def to_revision(row: Found) -> Revision:
    """The revision of a row."""
    return Revision(
        rule_id=row["rule_id"],
        generation=row["generation"],
        intent=parse_intent(row["intent"], row["cluster"]),
        renderer=row["renderer"],
        documents=tuple(_to_document(document) for document in row["documents"]),
        author=row["author"],
        reason=row["reason"],
        origin=row["origin"],
        verdict=Verdict(row["verdict"]),
        commit=row["commit"],
        created_at=row["created_at"],
    )


def _document_json(document: Document) -> Columns:
    return {
        "target": document.target,
        "path": document.path,
        "content": document.content,
        "digest": document.digest,
    }


def _to_document(json: Columns) -> Document:
    return Document(TargetKind(json["target"]), json["path"], json["content"], json["digest"])


AIM_COLUMNS = (
    *("rule_id", "kind", "cluster", "namespace", "service_name", "desired_generation"),
    *("presence", "state", "error", "attempts", "proof", "applied_at", "proven"),
    *("reverts", "reverted_by", "holder"),
)


def aim_columns(target: Target, mesh_holder: str | None) -> Columns:
    """What a target should hold from now on; how far it came is forgotten."""
    return {
        "rule_id": target.rule_id,
        "kind": target.kind,
        **key_columns(target.key),
        "desired_generation": target.desired_generation,
        "presence": target.presence,
        "state": TargetState.PENDING,
        "error": None,
        "attempts": 0,
        "proof": None,
        "applied_at": None,
        "proven": target.proven,
        "reverts": target.reverts,
        "reverted_by": target.reverted_by,
        "holder": mesh_holder if target.kind.routes else None,
    }


def progress_columns(target: Target) -> Columns:
    """How far a target has come: what its lease's holder may change."""
    return {
        "confirmed_generation": target.confirmed_generation,
        "digest": target.digest,
        "state": target.state,
        "error": target.error,
        "proof": target.proof,
        "applied_at": target.applied_at,
        "attempts": target.attempts,
        **drift_columns(target.drift),
    }


def drift_columns(drift: Drift | None) -> Columns:
    """How a target differs, as columns."""
    return {
        "drift_summary": drift and drift.summary,
        "drift_author": drift and drift.author,
        "drift_at": drift and drift.at,
    }


def to_target(row: Found) -> Target:
    """The target of a row."""
    return Target(
        rule_id=row["rule_id"],
        key=to_key(row),
        kind=TargetKind(row["kind"]),
        desired_generation=row["desired_generation"],
        presence=Presence(row["presence"]),
        confirmed_generation=row["confirmed_generation"],
        digest=row["digest"],
        state=TargetState(row["state"]),
        error=row["error"],
        drift=_to_drift(row),
        proof=row["proof"],
        applied_at=row["applied_at"],
        proven=row["proven"],
        reverts=row["reverts"],
        reverted_by=row["reverted_by"],
        attempts=row["attempts"],
        token=row["token"],
    )


def _to_drift(row: Found) -> Drift | None:
    if row["drift_summary"] is None:
        return None
    return Drift(row["drift_summary"], row["drift_author"], row["drift_at"])


def operation_columns(operation: Operation) -> Columns:
    """An operation as its row."""
    return {
        "id": operation.id,
        "rule_id": operation.rule_id,
        **key_columns(operation.key),
        "kind": operation.kind,
        "generation": operation.generation,
        "edition": operation.edition,
        "actor": operation.actor,
        "reason": operation.reason,
        "idempotency_key": operation.idempotency_key,
        "state": operation.state,
        "outcome": operation.outcome,
        "stages": [_stage_json(stage) for stage in operation.stages],
        "created_at": operation.created_at,
        "ended_at": operation.ended_at,
    }


def to_operation(row: Found) -> Operation:
    """The operation of a row."""
    return Operation(
        id=row["id"],
        rule_id=row["rule_id"],
        key=to_key(row),
        kind=OperationKind(row["kind"]),
        generation=row["generation"],
        edition=row["edition"],
        actor=row["actor"],
        reason=row["reason"],
        idempotency_key=row["idempotency_key"],
        state=OperationState(row["state"]),
        outcome=row["outcome"],
        stages=tuple(_to_stage(stage) for stage in row["stages"]),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )


def _stage_json(stage: Stage) -> Columns:
    at = None if stage.at is None else moment_text(stage.at)
    return {"name": stage.name, "state": stage.state, "at": at, "detail": stage.detail}


def _to_stage(json: Columns) -> Stage:
    at = None if json["at"] is None else datetime.fromisoformat(json["at"])
    return Stage(StageName(json["name"]), StageState(json["state"]), at, json["detail"])


def local_service_columns(service: LocalService) -> Columns:
    """A local service as its row."""
    versions = [{"name": name, "addresses": addresses} for name, addresses in service.versions]
    return {**key_columns(service.key), "versions": versions}


def to_local_service(row: Found) -> LocalService:
    """The local service of a row."""
    versions = tuple((v["name"], tuple(v["addresses"])) for v in row["versions"])
    return LocalService(to_key(row), versions)

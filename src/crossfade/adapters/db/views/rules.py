"""Pages of rules, and one rule."""

from sqlalchemy import Integer, Text, bindparam, text

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.views.fragments import (
    moment,
    newest_operation,
    operation,
    same_service,
    targets_of,
    weights,
)
from crossfade.application.views import RuleFilter, RuleView
from crossfade.domain.errors import RuleNotFoundError

_MATCHES = """
    (:namespace IS NULL OR namespace = :namespace)
    AND (:service IS NULL OR service_name = :service)
    AND (:q IS NULL OR strpos(service_name, :q) > 0 OR strpos(namespace, :q) > 0)
"""
_ROW = f"""json_build_object(
    'id', rule.id,
    'namespace', rule.namespace,
    'serviceName', rule.service_name,
    'ruleType', rule.intent -> 'ruleType',
    'state', rule.state,
    'edition', rule.edition,
    'generation', rule.generation,
    'isActive', rule.is_active,
    'versions', {weights("rule.intent")},
    'liveVersions', {weights("live.intent")},
    'targets', {targets_of("rule.id")},
    'operationId', newest.id,
    'operationKind', newest.kind,
    'createdAt', {moment("rule.created_at")},
    'updatedAt', {moment("rule.updated_at")},
    'deployedAt', {moment("rule.deployed_at")}
)"""
_WITH_LIVE_AND_NEWEST = f"""
    LEFT JOIN revisions AS live
        ON {same_service("live", "rule")} AND live.generation = rule.generation
    LEFT JOIN LATERAL {newest_operation("rule.id")} AS newest ON true
"""
_PAGE = text(f"""
    WITH page AS MATERIALIZED (
        SELECT * FROM traffic_rules
        WHERE {_MATCHES} AND (:state IS NULL OR state = :state)
            AND (namespace, service_name) > (:after_namespace, :after_service)
        ORDER BY namespace, service_name LIMIT :most + 1
    ), shown AS MATERIALIZED (
        SELECT * FROM page ORDER BY namespace, service_name LIMIT :most
    ), counted AS MATERIALIZED (
        SELECT namespace, state, count(*) FILTER (WHERE {_MATCHES}) AS rules
        FROM traffic_rules GROUP BY namespace, state
    ), states AS (
        SELECT state, sum(rules) AS rules FROM counted
        GROUP BY state HAVING sum(rules) > 0
    )
    SELECT json_build_object(
        'items', (
            SELECT coalesce(
                json_agg({_ROW} ORDER BY rule.namespace, rule.service_name), '[]'
            )
            FROM shown AS rule {_WITH_LIVE_AND_NEWEST}
        ),
        'next', (
            SELECT namespace || '/' || service_name FROM shown
            WHERE (SELECT count(*) FROM page) > :most
            ORDER BY namespace DESC, service_name DESC LIMIT 1
        ),
        'total', (SELECT coalesce(sum(rules), 0) FROM states),
        'counts', (
            SELECT coalesce(json_object_agg(state, rules ORDER BY state), '{{}}') FROM states
        ),
        'namespaces', (
            SELECT coalesce(json_agg(DISTINCT namespace ORDER BY namespace), '[]') FROM counted
        )
    )::text AS body
""").bindparams(
    *(bindparam(name, type_=Text) for name in ("namespace", "service", "q", "state")),
    *(bindparam(name, type_=Text) for name in ("after_namespace", "after_service")),
    bindparam("most", type_=Integer),
)
_FIELDS = f"""
    'id', rule.id,
    'cluster', rule.cluster,
    'namespace', rule.namespace,
    'serviceName', rule.service_name,
    'hosts', rule.intent -> 'hosts',
    'gateways', rule.intent -> 'gateways',
    'ruleType', rule.intent -> 'ruleType',
    'versions', rule.intent -> 'versions',
    'cohorts', rule.intent -> 'cohorts',
    'mirror', rule.intent -> 'mirror',
    'policies', rule.intent -> 'policies',
    'isActive', rule.is_active,
    'edition', rule.edition,
    'state', rule.state,
    'generation', rule.generation,
    'liveVersions', live.intent -> 'versions',
    'targets', {
    targets_of(
        "rule.id",
        "'desiredGeneration', desired_generation",
        "'confirmedGeneration', confirmed_generation",
        f"'appliedAt', {moment('applied_at')}",
    )
},
    'operation', CASE WHEN newest.id IS NOT NULL THEN {operation("newest")} END,
    'createdAt', {moment("rule.created_at")},
    'updatedAt', {moment("rule.updated_at")},
    'deployedAt', {moment("rule.deployed_at")}
"""
_TWO_VERSIONS = """
    'version1Name', rule.intent #> '{versions,0,name}',
    'version2Name', rule.intent #> '{versions,1,name}',
    'version1Weight', rule.intent #> '{versions,0,weight}',
    'version2Weight', rule.intent #> '{versions,1,weight}'
"""
_RULE = text(f"""
    SELECT rule.edition, CASE jsonb_array_length(rule.intent -> 'versions')
        WHEN 2 THEN json_build_object({_FIELDS}, {_TWO_VERSIONS})
        ELSE json_build_object({_FIELDS})
    END::text AS body
    FROM traffic_rules AS rule {_WITH_LIVE_AND_NEWEST}
    WHERE rule.id = :rule_id
""").bindparams(bindparam("rule_id", type_=Text))


async def rule_page(reader: Reader, wanted: RuleFilter) -> bytes:
    """A page of rules; its cursor is the last service shown."""
    namespace, _, service = (wanted.cursor or "").partition("/")
    parameters = {
        "namespace": wanted.namespace,
        "service": wanted.service,
        "q": wanted.q and wanted.q.lower(),
        "state": wanted.state,
        "after_namespace": namespace,
        "after_service": service,
        "most": wanted.limit,
    }
    row = await reader.row(_PAGE, parameters)
    assert row is not None, "an aggregate always answers a row"
    return str(row["body"]).encode()


async def rule_view(reader: Reader, rule_id: str) -> RuleView:
    """One rule; RuleNotFoundError."""
    row = await reader.row(_RULE, {"rule_id": rule_id})
    if row is None:
        raise RuleNotFoundError(f"There is no rule {rule_id}.")
    return RuleView(row["edition"], row["body"].encode())

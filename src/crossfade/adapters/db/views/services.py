"""Local services, and the rules that divide the traffic of services."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ARRAY, Text, bindparam, text

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.rows import to_key
from crossfade.adapters.db.views.fragments import same_service
from crossfade.domain.names import ServiceKey

_SERVICES = text(f"""
    SELECT json_build_object('items', coalesce(
        json_agg(
            json_build_object(
                'namespace', local.namespace,
                'serviceName', local.service_name,
                'versions', (
                    SELECT coalesce(json_agg(
                        json_build_object(
                            'name', version -> 'name',
                            'addresses', version -> 'addresses',
                            'labels', json_object('{{}}'),
                            'ready', NULL,
                            'known', NULL
                        ) ORDER BY place
                    ), '[]')
                    FROM jsonb_array_elements(local.versions) WITH ORDINALITY
                        AS versions (version, place)
                ),
                'ruleId', rule.id
            ) ORDER BY local.namespace, local.service_name
        ), '[]'
    ))::text AS body
    FROM local_endpoints AS local
    LEFT JOIN traffic_rules AS rule ON {same_service("local", "rule")}
""")
_RULE_IDS = text(f"""
    SELECT rule.id, asked.* FROM traffic_rules AS rule
    JOIN unnest(:clusters, :namespaces, :services)
        AS asked (cluster, namespace, service_name) ON {same_service("asked", "rule")}
""").bindparams(
    *(bindparam(name, type_=ARRAY(Text)) for name in ("clusters", "namespaces", "services"))
)


async def service_list(reader: Reader) -> bytes:
    """Every local service."""
    row = await reader.row(_SERVICES)
    assert row is not None, "an aggregate always answers a row"
    return str(row["body"]).encode()


async def rule_ids(reader: Reader, keys: Sequence[ServiceKey]) -> Mapping[ServiceKey, str]:
    """The rule of each of these services, by its id."""
    asked = {
        "clusters": [key.cluster for key in keys],
        "namespaces": [key.namespace for key in keys],
        "services": [key.service for key in keys],
    }
    return {to_key(row): row["id"] for row in await reader.rows(_RULE_IDS, asked)}

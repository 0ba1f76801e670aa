"""Local services, with the rule that divides the traffic of each."""

from sqlalchemy import text

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.views.fragments import same_service

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
                            'ready', NULL
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


async def service_list(reader: Reader) -> bytes:
    """Every local service."""
    row = await reader.row(_SERVICES)
    assert row is not None, "an aggregate always answers a row"
    return str(row["body"]).encode()

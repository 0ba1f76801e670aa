"""What a look and an act cost: counted in statements, which no busy machine changes."""

import time
from dataclasses import replace
from statistics import median

import pytest
from tests.conftest import administer
from tests.fakes.world import ALICE, SHOP, World, split

from crossfade.adapters.db.database import Database
from crossfade.application.deployments import deploy
from crossfade.application.ports import Ports
from crossfade.application.rules import create_rule, edit_rule
from crossfade.application.views import RuleFilter
from crossfade.domain.addresses import LocalService

pytestmark = pytest.mark.integration

RULES = 10_000
LOOKS = 20
SEED = f"""
    INSERT INTO traffic_rules
    SELECT 'rule-' || n, 'local', 'ns-' || n % 20, 'service-' || n, jsonb_build_object(
        'namespace', 'ns-' || n % 20, 'serviceName', 'service-' || n, 'ruleType', 'WEIGHTED',
        'versions', '[{{"name": "v1", "weight": 66.67}}, {{"name": "v2", "weight": 33.33}}]'::jsonb
    ), (array['live', 'draft', 'drift', 'failed'])[1 + n % 4], 1, 1, true, now(), now(), now()
    FROM generate_series(1, {RULES}) AS n;
    INSERT INTO revisions
    SELECT cluster, namespace, service_name, 1, id, intent, 1, '[]', 'alice', null, null,
        'effective', null, now() FROM traffic_rules;
    INSERT INTO operations (id, rule_id, cluster, namespace, service_name, kind, generation,
        edition, actor, state, stages, created_at)
    SELECT 'operation-' || n, 'rule-' || 1 + n % {RULES}, 'local', 'ns', 'service', 'deploy', 1, 1,
        'alice', 'effective', '[]', now() FROM generate_series(1, {RULES}) AS n;
    INSERT INTO targets
    SELECT id, kind, cluster, namespace, service_name, 1, 'present', 1, 'sha', 'confirmed', null,
        null, null, null, 0, 1, null, null, null
    FROM traffic_rules, (VALUES ('git'), ('envoy')) AS kinds (kind);
    ANALYZE
"""


async def test_the_first_page_of_ten_thousand_rules_is_one_statement(
    database: Database, database_url: str, statements: list[str]
) -> None:
    await administer(database_url, SEED)
    await database.views.rules(RuleFilter())
    statements.clear()
    costs_ms = []
    for _ in range(LOOKS):
        began = time.process_time()
        page = await database.views.rules(RuleFilter())
        costs_ms.append((time.process_time() - began) * 1_000)
    print(f"\nfirst page of {RULES} rules: {median(costs_ms):.2f} ms CPU, {len(page)} bytes")  # noqa: T201
    assert len(statements) == LOOKS
    assert f'"total" : {RULES}'.encode() in page


async def test_a_deploy_is_few_statements(database: Database, statements: list[str]) -> None:
    ports = on(database)
    async with database.work() as work:
        listening = tuple((name, ("127.0.0.1:9001",)) for name in ("v1", "v2"))
        await work.local_services.put(LocalService(SHOP, listening))
    rule = await create_rule(ports, split(v1=80, v2=20), ALICE)
    await deploy(ports, rule.id, ALICE)
    await edit_rule(ports, rule.id, lambda _: split(v1=50, v2=50), ALICE)
    statements.clear()
    await deploy(ports, rule.id, ALICE)
    assert len(statements) <= 8


def on(database: Database) -> Ports:
    """The application's ports with a real database and everything else in memory."""
    return replace(World().ports, work=database.work, chain=database.chain, events=database.events)

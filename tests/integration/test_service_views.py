"""The exact JSON of local services, and whose rules are found by their services, on PostgreSQL."""

import json

import pytest
from tests.fakes.values import CHECKOUT, a_rule, an_intent

from crossfade.adapters.db.database import Database
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey

pytestmark = pytest.mark.integration

LOANS = ServiceKey("local", "bank", "loans")


async def draft(database: Database, key: ServiceKey) -> str:
    """The id of a new rule."""
    rule = a_rule(an_intent(key))
    async with database.work() as work:
        await work.rules.add(rule)
    return rule.id


async def test_services_name_their_addresses_and_their_rule(database: Database) -> None:
    rule_id = await draft(database, CHECKOUT)
    versions = (("v2", ("127.0.0.1:9002",)), ("v1", ("127.0.0.1:9001", "127.0.0.1:9003")))
    async with database.work() as work:
        await work.local_services.put(LocalService(CHECKOUT, versions))
        await work.local_services.put(LocalService(LOANS, ()))
    loans = {"namespace": "bank", "serviceName": "loans", "versions": [], "ruleId": None}
    uncounted = {"labels": {}, "ready": None, "known": None}
    checkout = {
        "namespace": "shop",
        "serviceName": "checkout",
        "versions": [
            {"name": "v2", "addresses": ["127.0.0.1:9002"], **uncounted},
            {"name": "v1", "addresses": ["127.0.0.1:9001", "127.0.0.1:9003"], **uncounted},
        ],
        "ruleId": rule_id,
    }
    assert json.loads(await database.views.services()) == {"items": [loans, checkout]}


async def test_rules_are_found_by_their_services(database: Database) -> None:
    await draft(database, CHECKOUT)
    rule_id = await draft(database, LOANS)
    elsewhere = ServiceKey("other", "shop", "checkout")
    without = ServiceKey("local", "bank", "shop")
    assert await database.views.rule_ids([LOANS, elsewhere, without]) == {LOANS: rule_id}
    assert await database.views.rule_ids([]) == {}

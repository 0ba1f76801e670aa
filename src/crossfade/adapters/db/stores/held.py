"""A rule's row, held, with what an act on it must know: rows of three tables in one look."""

from sqlalchemy import RowMapping, and_, bindparam, select

from crossfade.adapters.db.rows import part_of, to_local_service, to_revision, to_rule
from crossfade.adapters.db.stores.services import same_service
from crossfade.adapters.db.tables import local_endpoints, revisions, traffic_rules
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.work import HeldRule

_DEPLOYED = and_(
    same_service(revisions, traffic_rules),
    revisions.c.generation == traffic_rules.c.generation,
)
_HOLD = (
    select(traffic_rules, revisions, local_endpoints)
    .join_from(traffic_rules, revisions, _DEPLOYED, isouter=True)
    .join(local_endpoints, same_service(local_endpoints, traffic_rules), isouter=True)
    .where(traffic_rules.c.id == bindparam("this_rule"))
    .with_for_update(of=traffic_rules, key_share=True)
)


async def hold(transaction: Transaction, rule_id: str) -> HeldRule | None:
    """The rule, held until the transaction ends.

    Whoever waits for the row sees it as it was left, but all else as it was before the wait: only
    a second look shows what was deployed meanwhile.
    """
    row = await transaction.row(_HOLD, {"this_rule": rule_id})
    if row is not None and _was_deployed_meanwhile(row):
        row = await transaction.row(_HOLD, {"this_rule": rule_id})
    return None if row is None else _held(row)


def _was_deployed_meanwhile(row: RowMapping) -> bool:
    return bool(row[traffic_rules.c.generation] != row[revisions.c.generation])


def _held(row: RowMapping) -> HeldRule:
    rule = to_rule(part_of(row, traffic_rules))
    live, service = part_of(row, revisions), part_of(row, local_endpoints)
    return HeldRule(
        rule,
        live=None if live["generation"] is None else to_revision(live),
        service=None if service["service_name"] is None else to_local_service(service),
    )

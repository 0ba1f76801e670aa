"""The tables as queries see them; migrations make them.

Names of services compare byte by byte (collation C), whatever the server's language.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def _name(name: str) -> Column[str]:
    return Column(name, Text(collation="C"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _service() -> tuple[Column[str], ...]:
    return _name("cluster"), _name("namespace"), _name("service_name")


traffic_rules = Table(
    "traffic_rules",
    metadata,
    Column("id", Text, primary_key=True),
    *_service(),
    Column("intent", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("generation", Integer),
    Column("is_active", Boolean, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("deployed_at", nullable=True),
    UniqueConstraint("namespace", "service_name", "cluster", name="traffic_rules_service"),
)

revisions = Table(
    "revisions",
    metadata,
    *_service(),
    Column("generation", Integer, nullable=False, autoincrement=False),
    Column("rule_id", Text, nullable=False),
    Column("intent", JSONB, nullable=False),
    Column("renderer", Integer, nullable=False),
    Column("documents", JSONB, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("origin", Integer),
    Column("verdict", Text, nullable=False),
    Column("commit", Text),
    _moment("created_at"),
    PrimaryKeyConstraint("cluster", "namespace", "service_name", "generation"),
)

targets = Table(
    "targets",
    metadata,
    Column("rule_id", ForeignKey("traffic_rules.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    *_service(),
    Column("desired_generation", Integer, nullable=False),
    Column("presence", Text, nullable=False),
    Column("confirmed_generation", Integer),
    Column("digest", Text),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("drift_summary", Text),
    Column("drift_author", Text),
    _moment("drift_at", nullable=True),
    Column("reverts", Integer, nullable=False, server_default=text("0")),
    Column("reverted_by", Text),
    Column("proof", Text),
    _moment("applied_at", nullable=True),
    Column("proven", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", Integer, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("holder", Text),
    _moment("lease_until", nullable=True),
    _moment("next_at", nullable=True),
    PrimaryKeyConstraint("rule_id", "kind"),
    ForeignKeyConstraint(
        ["cluster", "namespace", "service_name", "desired_generation"],
        [
            "revisions.cluster",
            "revisions.namespace",
            "revisions.service_name",
            "revisions.generation",
        ],
        name="targets_desired_revision",
    ),
    Index("targets_due", "kind", "next_at", postgresql_where=text("next_at IS NOT NULL")),
)

operations = Table(
    "operations",
    metadata,
    Column("n", BigInteger, Identity(always=True), nullable=False),
    Column("id", Text, primary_key=True),
    Column("rule_id", Text, nullable=False),
    *_service(),
    Column("kind", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("idempotency_key", Text),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("stages", JSONB, nullable=False),
    _moment("created_at"),
    _moment("ended_at", nullable=True),
    UniqueConstraint("idempotency_key", name="operations_idempotency_key"),
    Index("operations_of_rule", "rule_id", "n"),
    Index("operations_running", "rule_id", postgresql_where=text("state = 'running'")),
)

audit = Table(
    "audit",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    *_service(),
    Column("body", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_of_service", "namespace", "service_name", "n"),
    Index("audit_at", "at"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("n", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    _moment("until"),
)

local_endpoints = Table(
    "local_endpoints",
    metadata,
    *_service(),
    Column("versions", JSONB, nullable=False),
    PrimaryKeyConstraint("namespace", "service_name", "cluster"),
)

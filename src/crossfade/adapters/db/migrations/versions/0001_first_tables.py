"""Rules, revisions, targets, operations, the audit chain, leases, local services."""

from alembic import op

revision = "0001"
down_revision = None

_STEPS = (
    """
    CREATE TABLE traffic_rules (
        id text PRIMARY KEY,
        cluster text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        service_name text COLLATE "C" NOT NULL,
        intent jsonb NOT NULL,
        state text NOT NULL,
        edition integer NOT NULL,
        generation integer,
        is_active boolean NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        deployed_at timestamptz,
        CONSTRAINT traffic_rules_service UNIQUE (namespace, service_name, cluster)
    )
    """,
    """
    CREATE TABLE revisions (
        cluster text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        service_name text COLLATE "C" NOT NULL,
        generation integer NOT NULL,
        rule_id text NOT NULL,
        intent jsonb NOT NULL,
        renderer integer NOT NULL,
        documents jsonb NOT NULL,
        author text NOT NULL,
        reason text,
        origin integer,
        verdict text NOT NULL,
        commit text,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (cluster, namespace, service_name, generation)
    )
    """,
    """
    CREATE TABLE targets (
        rule_id text NOT NULL REFERENCES traffic_rules (id) ON DELETE CASCADE,
        kind text NOT NULL,
        cluster text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        service_name text COLLATE "C" NOT NULL,
        desired_generation integer NOT NULL,
        presence text NOT NULL,
        confirmed_generation integer,
        digest text,
        state text NOT NULL,
        error text,
        drift_summary text,
        drift_author text,
        drift_at timestamptz,
        attempts integer NOT NULL,
        token bigint NOT NULL,
        holder text,
        lease_until timestamptz,
        next_at timestamptz,
        PRIMARY KEY (rule_id, kind),
        CONSTRAINT targets_desired_revision
            FOREIGN KEY (cluster, namespace, service_name, desired_generation)
            REFERENCES revisions (cluster, namespace, service_name, generation)
    )
    """,
    "CREATE INDEX targets_due ON targets (kind, next_at) WHERE next_at IS NOT NULL",
    """
    CREATE TABLE operations (
        n bigint GENERATED ALWAYS AS IDENTITY,
        id text PRIMARY KEY,
        rule_id text NOT NULL,
        cluster text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        service_name text COLLATE "C" NOT NULL,
        kind text NOT NULL,
        generation integer NOT NULL,
        edition integer NOT NULL,
        actor text NOT NULL,
        reason text,
        idempotency_key text,
        state text NOT NULL,
        outcome text,
        stages jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        ended_at timestamptz,
        CONSTRAINT operations_idempotency_key UNIQUE (idempotency_key)
    )
    """,
    "CREATE INDEX operations_of_rule ON operations (rule_id, n)",
    "CREATE INDEX operations_running ON operations (rule_id) WHERE state = 'running'",
    """
    CREATE TABLE audit (
        n bigint PRIMARY KEY,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        cluster text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        service_name text COLLATE "C" NOT NULL,
        body bytea NOT NULL,
        hash text NOT NULL
    )
    """,
    "CREATE INDEX audit_of_service ON audit (namespace, service_name, n)",
    "CREATE INDEX audit_at ON audit (at)",
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit chain only grows: % is forbidden', TG_OP;
    END
    $$
    """,
    """
    CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
    """,
    """
    CREATE TABLE audit_head (
        "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
        n bigint NOT NULL,
        hash text NOT NULL
    )
    """,
    "INSERT INTO audit_head (n, hash) VALUES (0, repeat('0', 64))",
    """
    CREATE TABLE leases (
        name text PRIMARY KEY,
        holder text NOT NULL,
        until timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE local_endpoints (
        cluster text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        service_name text COLLATE "C" NOT NULL,
        versions jsonb NOT NULL,
        PRIMARY KEY (namespace, service_name, cluster)
    )
    """,
)


def upgrade() -> None:
    """Make the first tables."""
    for step in _STEPS:
        op.execute(step)

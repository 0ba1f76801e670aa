"""Targets remember how they were proven, when they were applied, and who reverts them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen the targets."""
    op.execute(
        """
        ALTER TABLE targets
            ADD COLUMN proof text,
            ADD COLUMN applied_at timestamptz,
            ADD COLUMN proven boolean NOT NULL DEFAULT false,
            ADD COLUMN reverts integer NOT NULL DEFAULT 0,
            ADD COLUMN reverted_by text
        """
    )

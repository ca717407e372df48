"""By which telephone number a session can be heard."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "watch_aids",
        sa.Column("dial_in", sa.String(length=200), nullable=False, server_default=""),
    )

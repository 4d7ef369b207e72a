"""Runs migrations on the connection that it is handed."""

from alembic import context

from zisk.cluster.store.tables import METADATA, SCHEMA_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=SCHEMA_TABLE,
    # SQLite undoes a table like anything else, if it is asked to begin before.
    transactional_ddl=context.config.attributes["transactional"],
)
with context.begin_transaction():
    context.run_migrations()

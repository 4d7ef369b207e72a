"""What outlives the coordinator: jobs as rows, in SQLite, or in PostgreSQL or MySQL where asked for."""

from zisk.cluster.store.rows import Rows, job_of, rows_of
from zisk.cluster.store.store import Store

__all__ = ["Rows", "Store", "job_of", "rows_of"]

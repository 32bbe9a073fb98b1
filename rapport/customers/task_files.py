"""Files of tasks, which name customers by the number that their source knows them by."""

from psycopg import sql

from rapport.customers.imports.people import SOURCES
from rapport.work.task_import import tasks_importer

_WHOSE = sql.SQL("""
select p.id as profile_id, p.customer_id from customers_profile p
 where p.source_id = {source} and p.external_id = s.customer_number offset 0
""")

TASKS = tasks_importer(sources=SOURCES, customer_kind="customer", whose=_WHOSE)

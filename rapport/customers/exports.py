"""The lists of customers and of tasks as files: this room knows of whom nothing goes into one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.customers.consents.restrictions import RESTRICTED
from rapport.customers.lists import EXPORTED_CUSTOMERS
from rapport.customers.permissions import VIEW
from rapport.records.exporting.lists import ExportedList
from rapport.records.lists.querying import ListedObject
from rapport.work.lists import TASKS
from rapport.work.permissions import VIEW as SEE_TASKS

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _tasks_of(user: User) -> ListedObject:
    return replace(TASKS, base=f"{TASKS.base} and not {RESTRICTED.format('r.customer_id')}")


EXPORTS = (
    ExportedList("customer", _("Customers"), VIEW.name, "customers", lambda user: EXPORTED_CUSTOMERS),
    ExportedList("task", _("Tasks"), SEE_TASKS.name, "task_list", _tasks_of),
)

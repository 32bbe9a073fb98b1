"""The list of tasks among the lists that have views, columns, boards and calendars; it is no file."""

from django.utils.translation import gettext_lazy as _

from rapport.records.exporting import ExportedList
from rapport.work.lists import TASKS
from rapport.work.permissions import VIEW

EXPORTS = (ExportedList("task", _("Tasks"), VIEW.name, "task_list", lambda user: TASKS, is_file=False),)

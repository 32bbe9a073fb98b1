"""The tables of this room whose rows hang on a customer through a profile."""

from django.utils.translation import gettext_lazy as _

from rapport.core.owned import ByHand, OwnedTable
from rapport.work.models import TASK
from rapport.work.permissions import VIEW

_ON_HER = "t.record_kind = 'customer'"

OWNED = (
    OwnedTable(
        "work_task",
        personal=("title", "text", "external_id"),
        on_records=True,
        by_hand=ByHand(
            _("Tasks"), "t.title", where=f"{_ON_HER} and t.import_id is null", written_at="created_at", right=VIEW.name,
            record_kind=TASK,
        ),
    ),
    OwnedTable(
        "work_comment",
        personal=("text", "private_text"),
        on_records=True,
        by_hand=ByHand(
            _("Comments"), "t.text", where=f"{_ON_HER} and not t.is_private", written_at="written_at", right=VIEW.name),
    ),
    OwnedTable(
        "work_attachment",
        personal=("name",),
        on_records=True,
        by_hand=ByHand(_("Files"), "t.name", where=_ON_HER, written_at="added_at", right=VIEW.name),
    ),
    # who of the staff follows: it goes where the record goes, and stands in no undo's way
    OwnedTable("work_follower", on_records=True, is_derived=True),
)  # fmt: skip

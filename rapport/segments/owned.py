"""What of this room hangs on a customer through a profile: lists that are filled by hand."""

from django.utils.translation import gettext_lazy as _

from rapport.core.owned import ByHand, OwnedTable
from rapport.customers.permissions import VIEW

OWNED = (
    OwnedTable(
        "segments_pick",
        by_hand=ByHand(
            _("Lists filled by hand"), "(select s.name from segments_segment s where s.id = t.segment_id)",
            written_at="added_at", right=VIEW.name, once=("segment_id",),
        ),
    ),
)  # fmt: skip

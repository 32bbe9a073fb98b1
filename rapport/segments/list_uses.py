"""What can be made of the list of customers as it is narrowed."""

from django.utils.translation import gettext_lazy as _

from rapport.records.list_uses import ListUse
from rapport.segments.definitions import CUSTOMER
from rapport.segments.permissions import MAKE

LIST_USES = (
    ListUse(
        CUSTOMER, _("Save as a segment …"), "segment_keep", MAKE.name, _("Use for the segment"),
        heading=_("Whom the segment holds"), home="segments", home_label=_("Segments"),
    ),
)  # fmt: skip

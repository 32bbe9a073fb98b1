"""What can be made of any list as it is narrowed: a report."""

from django.utils.translation import gettext_lazy as _

from rapport.records.list_uses import ListUse

LIST_USES = tuple(
    ListUse(
        name, _("Make a report …"), "report_new", "", _("Use for the report"),
        heading=_("What the report is of"), home="reports", home_label=_("Reports"), says=(("of", name),),
    )
    for name in ("customer", "order", "order_line", "product", "task")
)  # fmt: skip

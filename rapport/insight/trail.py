"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Act, Reason, TableWords

TABLES = (
    TableWords(
        "insight_segmentrule",
        _("Rule of an RFM group"),
        {"recency_band": _("Recency"), "frequency_band": _("Frequency"), "segment": _("RFM group")},
    ),
    TableWords("insight_groupmargin", _("Margin of RFM groups"), {"thousandths": _("Thousandths of a band")}),
    TableWords("insight_unitvalue", _("Unit value"), {"name": _("Of what"), "amount": _("Amount, in millionths")}),
)
ACTS = (
    Act("traits computed", _("Traits computed")),
    Act("lifetime values computed", _("Lifetime values computed")),
    Act("five worths computed", _("Five worths computed")),
    Act("risks of leaving computed", _("Risks of leaving computed")),
    Act("report exported", _("Report exported")),
    Act("report shared", _("Report shared")),
    Act("report no longer shared", _("Report no longer shared")),
    Act("report mailed to", _("Report mailed to a colleague")),
    Act("report no longer mailed to", _("Report no longer mailed to a colleague")),
)
REASONS = (
    Reason("report saved", _("Report saved")),
    Reason("report shared", _("Report shared")),
    Reason("report deleted", _("Report deleted")),
    Reason("report restored", _("Report restored")),
    Reason("report mailed", _("Report mailed or no longer mailed")),
    Reason("dashboard saved", _("Dashboard saved")),
    Reason("insight.traits", _("Computed anew")),
    Reason("insight.churn", _("Who may leave was foretold anew")),
    Reason("insight.lifetime", _("What customers will do was foretold anew")),
    Reason("insight.five_worths", _("What customers are worth in five ways was computed anew")),
    Reason("insight.unit_values", _("What things cost and are worth was set")),
    Reason("insight.group_margins", _("The edges of RFM groups were set")),
    Reason("insight.groups_changed", _("RFM groups were settled")),
    Reason("insight.refresh", _("The warehouse was refreshed")),
    Reason("insight.model_learned", _("A score was learned anew")),
    Reason("insight.warehouse_differed", _("The warehouse was not what the database holds")),
)

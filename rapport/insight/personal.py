"""What the tables of this room hold of a person."""

from rapport.core.personal import Eraser, Impersonal, PersonalTable
from rapport.insight.report_builder.forgetting import collect_reports, forget_in_reports

_BELONGS = "t.customer_id = any(%(customers)s)"
_COLUMNS = ("segment", "segment_before", "first_purchase_on", "last_purchase_on")
_WORTHS = ("last_purchase_on",)

PERSONAL = (
    PersonalTable("insight_rfm", belongs=_BELONGS, personal=_COLUMNS, key="customer_id"),
    PersonalTable(
        "insight_settledgroup",
        belongs=_BELONGS,
        personal=("segment", "changed_on", "left_champions_on"),
        key="customer_id",
    ),
    PersonalTable("insight_rfm_spare", belongs=_BELONGS, personal=_COLUMNS, key="customer_id", exported=False),
    PersonalTable("insight_leaving", belongs=_BELONGS, personal=("reasons",), key="customer_id"),
    PersonalTable("insight_leaving_spare", belongs=_BELONGS, personal=("reasons",), key="customer_id", exported=False),
    PersonalTable("insight_clv", belongs=_BELONGS, personal=("due_on",), key="customer_id"),
    PersonalTable("insight_clv_spare", belongs=_BELONGS, personal=("due_on",), key="customer_id", exported=False),
    PersonalTable("insight_five", belongs=_BELONGS, personal=_WORTHS, key="customer_id"),
    PersonalTable("insight_five_spare", belongs=_BELONGS, personal=_WORTHS, key="customer_id", exported=False),
)
ERASERS = (
    Eraser(
        "reports",
        forget_in_reports,
        holds=(("insight_savedreport", ("name", "asked")), ("insight_dashboard", ("name",))),
        collect=collect_reports,
    ),
)
IMPERSONAL = (
    Impersonal("insight_savedreport", "names of fields"),
    Impersonal("insight_dashboard", "ids of reports", ("tiles",)),
    Impersonal("insight_reportmail", "who of the staff is mailed which report, and how often"),
    Impersonal("insight_snapshot", "names of folders and counts"),
    Impersonal("insight_change", "names of tables, ids and instants"),
    Impersonal("insight_comparison", "counts and sums over all rows of tables"),
    Impersonal("insight_traitrun", "counts and days of a whole run"),
    Impersonal("insight_learnedmodel", "parameters and figures over all customers"),
    Impersonal("insight_scorerun", "counts and days of a whole run"),
    Impersonal("insight_fiveworthsrun", "sums over all customers"),
    Impersonal("insight_unitvalue", "what the business says things cost"),
    Impersonal("insight_segmentrule", "names of segments"),
    Impersonal("insight_groupmargin", "names of scales"),
)

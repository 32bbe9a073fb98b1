"""What pages read of a request: parameters that name records, with a request that would be carried out, and plain ones.

`SENDING` has requests that name a record, by the name of the URL; `PLAIN` are parameters that name none. Whatever is in
neither is taken for the name of a record, and attacked with every kind of them.
"""

from __future__ import annotations

from typing import Any

SENDING: dict[str, list[dict[str, Any]]] = {
    "merge": [
        {"id": ["{own.customer}", "{customer}"]},
        {"id": ["{customer}", "{own.customer}"], "keep": "{customer}"},
        {"id": "{customer}"},
    ],
    "customer_split": [{"out": "{customer}"}],
    "doubt_decide": [
        {"one": "{own.customer}", "other": "{customer}", "decision": each, "keep": "{customer}"}
        for each in ("same", "different")
    ],
    "customer_relationship_add": [
        {"other": "{customer}", "kind": "household", "role": "", "since": "", "until": ""},
        {"q": "Northern Customer"},
    ],
    "task_add": [
        {"title": "Call", "on": kind, "on_id": f"{{{kind}}}", "back": back}
        for kind in ("customer", "order", "task")
        for back in ("", "today")
    ],
    "bulk_choose": [
        {"act": act, "row": rows}
        for act in ("assign", "trash", "export", "merge", "edit")
        for rows in ("{customer}", ["{own.customer}", "{customer}"])
    ],
    "field_new": [{"object": "customer", "import": "{import}", "column": "0"}],
    "list_open_with": [{"view": "{view}"}],
    **{name: [{"view": "{view}"}] for name in ("customers", "orders", "order_lines", "products")},
    "quick_log": [
        {"text": "Called", "whom": "{customer}"},
        {"text": "Called Northern Customer", "whom": "Northern Customer"},
    ],
    "report_new": [{"report": "{report}", "of": "customer"}],
    "customer_edit": [{"q": "{customer}"}],
    "palette": [{"q": "{customer}"}, {"q": "Northern Customer"}],
}

PLAIN = {
    "_", "act", "active", "add", "after", "answer", "anyway", "as", "assignee", "back", "before", "began", "born_on", "box", "by",
    "channel", "choices", "city", "column", "country", "credential", "csrfmiddlewaretoken", "daily_mail", "days",
    "decision", "description", "do", "down", "due_on", "due_time", "email", "ended", "every", "everything", "expires_on",
    "family_name",
    "field", "file-clear", "filter", "follow", "format", "from", "given_name", "ground", "has_keyboard_keys", "help_text",
    "is_column", "is_marketing", "is_private", "is_required", "is_retired", "is_searched", "is_sorted", "job_title", "kind",
    "label", "language", "life_stage", "login", "make_field", "may", "name", "next", "note", "object", "operator", "order",
    "organization", "origin", "owner", "panel", "parent", "password", "phone", "pinned", "plain", "postal_code",
    "preferred_channel", "of", "then", "measure", "top", "chart", "rhythm", "is_shared", "tile",
    "priority", "purpose", "q", "query", "reason", "region", "remind_at", "remember", "reset", "rights", "role", "rule",
    "said_on", "scope", "section", "shares", "shortcuts", "shown", "since", "sort", "source", "state", "status", "step",
    "street", "sum", "tab", "task", "team", "text", "theme", "time_zone", "title", "to", "type", "types", "unread", "until",
    "up", "url", "valid_days", "value", "version", "was", "way", "website", "whose", "wording",
}  # fmt: skip


def is_plain(name: str) -> bool:
    """Also what a form remembers of itself, and fields of the business's own."""
    return name in PLAIN or name.startswith(("initial-", "c_"))

"""Forms that would be accepted where tests/security/samples.py says none yet, and the few forms that have no such body.

A button that sends nothing but itself is one of `BUTTONS`. Whatever belongs to Bob alone is asked for as Bob.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

if TYPE_CHECKING:
    from tests.security.samples import World

BUTTONS = (
    "audit-verify", "backup_now", "bulk_cancel", "bulk_undo", "change_undo", "change_undo_last", "comment_delete",
    "comment_restore", "contact_point_remove", "customer_consent_object", "customer_next_take", "customer_take_back",
    "customer_trash",
    "export_cancel", "field_archive", "field_restore", "file_restore", "file_trash", "identity_unblock",
    "import_cancel", "import_continue", "import_discard", "import_undo", "list_view_copy", "list_view_delete",
    "list_view_restore", "notification_read_all", "person_export", "relationship_end", "relationship_remove",
    "retention_run", "role-remove", "segment_delete", "share_end", "staff-member-factors", "staff-member-link",
    "staff-withdraw", "tag_delete", "task_trash", "team-remove", "trash_purge", "trash_restore", "webhook_delete",
    "report_delete", "report_restore", "dashboard_delete", "dashboard_restore",
    "webhook_message_replay", "webhook_ping", "webhook_rotate", "worth_refresh", "api_token_end",
)  # fmt: skip

# forms that no accepted body is sent to: name → why
WITHOUT_BODY = {
    "setup": "closed for good once somebody is there; tested in rapport/accounts/tests/test_set_up.py",
    "join": "a token opens it once; tested in rapport/accounts/tests/test_staff.py and tests/security/test_tokens.py",
    "consent_confirm": "a token opens it; tested in rapport/customers/tests/test_consents_pages.py",
    "report_mail_colleague": "of a shared one alone; tested in tests/security/test_reports.py",
    "dashboard_mail_colleague": "of a shared one alone; tested in tests/security/test_reports.py",
    "imports": "takes a file, whose contents are the attack; tested in rapport/records/tests and tests/test_every_file.py",
}

# what belongs to one person alone: whoever administers is refused, too
OF_ITS_OWNER = {
    "bulk_begin", "bulk_cancel", "bulk_undo", "change_undo", "comment_delete", "comment_edit", "comment_restore",
    "export_cancel", "history_restore", "list_view", "list_view_copy", "list_view_delete", "list_view_pin",
    "list_view_restore", "report", "report_change", "report_delete", "report_restore", "report_mail", "report_file",
    "report_mail_colleague", "dashboard_mail_colleague",
    "dashboard", "dashboard_change", "dashboard_delete", "dashboard_restore", "dashboard_mail", "dashboard_move",
}  # fmt: skip


def _id(of: Any) -> str:
    return str(of.public_id)


def _on(world: World) -> dict[str, Any]:
    return {"on": "customer", "on_id": _id(world.customer), "back": "record"}


def _merged(world: World) -> dict[str, Any]:
    return {"id": [_id(world.customer), _id(world.extra["neighbor"])], "keep": _id(world.customer), "reason": "Taken"}


def _pasted(world: World) -> dict[str, Any]:
    return {
        "text": "Taken", "rows": f"{_id(world.customer)},{_id(world.extra['neighbor'])}", "columns": "city", "dates": "ymd",
        "first_row": _id(world.customer), "first_column": "city",
    }  # fmt: skip


def _sources(_: World) -> dict[str, Any]:
    from rapport.customers.survivorship.settings import current_draft

    sources = [str(each.id) for each in current_draft().sources]
    return {"source": sources, "shares": sources[1:], f"label-{sources[0]}": "Taken", "act": "save"}


def _rule(_: World) -> dict[str, Any]:
    from rapport.identity.models import IdentifierRule

    return {"rule": str(IdentifierRule.objects.order_by("kind")[0].kind), "most_customers": "7", "joins": "on"}


def _restored(world: World) -> dict[str, Any]:
    from rapport.audit.models import AuditEvent

    about = {"table_name": "customers_customer", "row_id": str(world.customer.pk), "operation": "update"}
    event = AuditEvent.objects.filter(**about, fields__contains=["city"]).last()
    return {"event": str(event.pk if event else 1), "column": "city", "version": str(world.customer.version)}


MORE_BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    **dict.fromkeys(BUTTONS, lambda _: {}),
    "bulk_begin": lambda world: {"owner": _id(world.people["alice"])},
    "bulk_choose": lambda world: {"act": "assign", "row": [_id(world.customer)], "query": ""},
    "churn_learn": lambda _: {"label": "", "left": ""},
    "comment_edit": lambda _: {"text": "Taken"},
    "customer_relationship_add": lambda world: {
        "other": _id(world.extra["neighbor"]), "kind": "owns", "role": "Taken", "since": "2026-01-01", "until": "",
    },
    "customer_split": lambda world: {"out": _id(world.extra["joined"]), "reason": "Taken"},
    "doubt_decide": lambda world: {
        "one": _id(world.extra["doubted"][0]), "other": _id(world.extra["doubted"][1]), "decision": "different", "keep": "",
    },
    **dict.fromkeys(("dashboard_new", "dashboard_change"), lambda _: {"name": "Taken"}),
    "dashboard_move": lambda world: {"tile": world.extra["dashboard"].tiles[0], "way": "out"},
    **dict.fromkeys(("report_new", "report_change"), lambda _: {"query": "of=customer&by=kind", "name": "Taken"}),
    **dict.fromkeys(("report_mail", "dashboard_mail"), lambda _: {"rhythm": "weekly"}),
    "duplicates": lambda _: {"name": "Taken", "email": "bob.customer@example.com", "phone": "+442079460958", "country": ""},
    "export_new": lambda _: {"query": "sort=name", "column": ["name", "city"], "format": "csv", "mark": "on"},
    "file_attach": lambda _: {"files": SimpleUploadedFile("taken.txt", b"Taken")},
    "history_restore": _restored,
    "identity_rules": _rule,
    "import_answers": lambda _: {
        "preset": "", "encoding": "utf-8", "source": "shop", "new_source": "", "separator": ",", "column-0": "name", "check": "1",
    },
    "import_field": lambda _: {"make_field": "0", "column-0": "name"},
    "import_fields": lambda _: {"kind-1": "text"},
    "layout": lambda _: {"object": "customer", "shown": ["name", "city"], "column": ["name"], "panel": [], "up": "field:city"},
    "list_columns": lambda _: {
        "query": "", "order": ["name", "city"], "column": ["name", "city"], "width-city": "wide", "up": "city",
    },
    "list_open_with": lambda _: {"view": "all"},
    "list_paste": _pasted,
    "list_view": lambda _: {"query": "sort=name", "name": "Taken", "is_pinned": "on", "opens": "on"},
    "list_view_new": lambda _: {"query": "sort=name", "name": "Taken", "is_pinned": "on", "opens": "on"},
    "list_view_pin": lambda _: {"pinned": "no"},
    "merge": _merged,
    "merge_undo": lambda _: {"chosen": "1"},
    "notification_mail": lambda _: {"daily_mail": "on", "next": "/today/"},
    "notification_read": lambda world: {"id": _id(world.customer), "unread": "1", "next": "/today/"},
    "notification_snooze": lambda world: {"id": _id(world.customer), "until": "2030-01-01", "next": "/today/"},
    "record_follow": lambda _: {"follow": "on"},
    "retention_rule": lambda _: {"days": "365", "confirmed": "365"},
    "segment_keep": lambda _: {"query": "filter=city.is%3AYork", "name": "Taken", "note": "Taken"},
    "survivorship": _sources,
    "survivorship_pass": lambda _: {"act": "again"},
    "tag_merge": lambda world: {"into": _id(world.extra["other_tag"])},
    "task_add": lambda world: _on(world) | {"title": "Taken", "due_on": "2026-12-31"},
    **dict.fromkeys(("task_done", "task_cancel", "task_reopen"), _on),
    "task_snooze": lambda _: {"until": "2030-01-01", "next": "/today/"},
}  # fmt: skip

# what stands in the address of a form: name → what it is asked
QUERIES: dict[str, Callable[[World], dict[str, str]]] = {
    "customer_relationship_add": lambda world: {"q": "Neighbor", "chosen": _id(world.extra["neighbor"])},
    "layout": lambda _: {"object": "customer"},
}

"""Everything that staff do on the screens, programs do too: each view that takes a POST names its operation, or why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapport.config.api import operations
from tests.security.endpoints import endpoints

# name of a URL that staff send something to → the operations of the API that do the same
DONE_BY: dict[str, tuple[str, ...]] = {
    "bulk_begin": ("start_bulk",),
    "bulk_cancel": ("cancel_bulk",),
    "bulk_choose": ("start_bulk",),
    "bulk_undo": ("undo_change",),
    "cell": ("update_customer", "assign_customer", "update_task", "update_order", "update_product"),
    "change_undo": ("undo_change",),
    "change_undo_last": ("list_changes", "undo_change"),
    "comment_delete": ("delete_comment",),
    "comment_edit": ("edit_comment",),
    "comment_restore": ("restore_from_trash",),
    "comment_write": ("write_comment",),
    "contact_point": ("update_contact_point",),
    "contact_point_remove": ("delete_contact_point",),
    "customer_consent_ask": ("ask_for_consent",),
    "customer_consent_object": ("record_objection",),
    "customer_consent_record": ("record_consent",),
    "customer_consent_withdraw": ("record_consent",),
    "customer_contact_add": ("add_contact_point",),
    "customer_contact_first": ("put_contact_point_first",),
    "customer_edit": ("update_customer",),
    "customer_field": ("update_customer",),
    "customer_log": ("log_contact",),
    "customer_new": ("create_customer",),
    "customer_next_refuse": ("refuse_next_action",),
    "customer_next_take": ("take_next_action",),
    "customer_owner": ("assign_customer",),
    "customer_relationship_add": ("add_relationship",),
    "customer_segment_move": ("put_into_segment", "take_out_of_segment"),
    "customer_split": ("preview_splitting", "split_customer"),
    "customer_take_back": ("update_customer",),
    "customer_trash": ("delete_customer",),
    "doubt_decide": ("decide_doubt",),
    "file_attach": ("send_file",),
    "file_restore": ("restore_from_trash",),
    "file_trash": ("delete_file",),
    "history_restore": ("update_customer", "update_task", "update_order", "update_product"),
    "list_paste": ("update_customer", "upsert_customers"),
    "list_view": ("update_view",),
    "list_view_copy": ("get_view", "create_view"),
    "list_view_delete": ("delete_view",),
    "list_view_new": ("create_view",),
    "list_view_restore": ("restore_view",),
    "merge": ("preview_merging", "merge_customers"),
    "merge_undo": ("get_merge", "undo_merge"),
    "notification_read": ("read_notifications",),
    "notification_read_all": ("read_all_notifications",),
    "notification_snooze": ("snooze_notifications",),
    "own_fields": ("update_order", "update_product"),
    "quick_log_on": ("log_contact", "create_task"),
    "record_follow": ("follow_record",),
    "record_make": ("create_customer", "create_task"),
    "record_sharing": ("list_shares", "share_one_record"),
    "record_tags": ("start_bulk",),
    "relationship": ("update_relationship",),
    "relationship_end": ("update_relationship",),
    "relationship_remove": ("delete_relationship",),
    "segment_delete": ("delete_segment",),
    "segment_keep": ("create_segment", "update_segment"),
    "share_end": ("end_share",),
    "task_add": ("create_task",),
    "task_cancel": ("cancel_task",),
    "task_done": ("finish_task",),
    "task_edit": ("update_task",),
    "task_reopen": ("reopen_task",),
    "task_snooze": ("snooze_task",),
    "task_trash": ("delete_task",),
    "trash_purge": ("purge_from_trash",),
    "trash_restore": ("restore_from_trash",),
    "webhook_delete": ("delete_webhook",),
    "webhook_edit": ("update_webhook",),
    "webhook_message_replay": ("replay_webhook_message",),
    "webhook_new": ("create_webhook",),
    "webhook_ping": ("test_webhook",),
    "webhook_replay": ("replay_webhook",),
    "webhook_rotate": ("rotate_webhook_secret",),
    "webhook_switch": ("pause_webhook", "resume_webhook"),
}

HOUSE = (
    "how the business is set up: by people, in their settings; a token that could would be worth more than its owner"
)
SCREEN = "how one's own screens look, which a program has none of"
BY_FILE = "a step of bringing in a file, which a person looks through; programs bring rows by upsert_customers"
BY_LAW = "asks a person for a ground or a name, since there is no way back and no program can answer for it"

# the same name → why there is no operation
BY_PEOPLE_ALONE: dict[str, str] = {
    **dict.fromkeys(
        (
            "api_token_end", "api_tokens", "audit-verify", "backup_now", "duplicates", "field", "field_archive",
            "field_move", "field_new", "field_restore", "identity_rules", "identity_unblock", "layout", "purpose",
            "purposes", "retention_rule", "retention_run", "role", "role-new", "role-remove", "staff-invite",
            "staff-member", "staff-member-active", "staff-member-email", "staff-member-factors",
            "staff-member-link", "staff-withdraw", "survivorship",
            "survivorship_pass", "tag_delete", "tag_merge", "tag_rename", "team", "team-remove", "teams", "unit_values",
            "churn_learn", "worth_refresh", "group_margins",
        ),
        HOUSE,
    ),
    **dict.fromkeys(
        (
            "list_columns", "list_open_with", "list_view_pin", "notification_mail", "profile", "shortcuts",
            "report_mail", "dashboard_mail", "report_mail_colleague", "dashboard_mail_colleague", "dashboard_new",
            "dashboard_change", "dashboard_move", "dashboard_delete", "dashboard_restore", "report_new", "report_change",
            "report_delete", "report_restore",
        ),
        SCREEN,
    ),
    **dict.fromkeys(
        (
            "import_answers", "import_cancel", "import_continue", "import_discard", "import_field", "import_fields",
            "import_undo",
            "imports",
        ),
        BY_FILE,
    ),
    **dict.fromkeys(("person_erase", "person_export", "person_restriction"), BY_LAW),
    **dict.fromkeys(
        ("export_cancel", "export_new"), "a file of a list; programs read the list itself, page by page, as their budget allows"
    ),
}  # fmt: skip


def methods_of(view: Any) -> tuple[str, ...] | None:
    """The methods that a view was declared to take; None where it was not declared."""
    while view is not None:
        for cell in view.__closure__ or ():
            found = cell.cell_contents
            if isinstance(found, list | tuple) and found and all(isinstance(e, str) and e.isupper() for e in found):
                return tuple(found)
        view = getattr(view, "__wrapped__", None)
    return None


def sent_to_by_staff() -> dict[str, Callable[..., Any]]:
    """Every view of ours that staff send something to."""
    ours = {each.name: each.view for each in endpoints() if each.is_ours and each.audience == "staff"}
    return {name: view for name, view in ours.items() if "POST" in (methods_of(view) or ("POST",))}


def test_whatever_staff_do_has_its_operation_or_a_reason_for_having_none():
    assert set(sent_to_by_staff()) == set(DONE_BY) | set(BY_PEOPLE_ALONE)
    assert set(DONE_BY) & set(BY_PEOPLE_ALONE) == set()


def test_every_operation_named_is_one():
    known = {operation.view_func.__name__: operation.methods for _path, operation in operations()}

    named = {name for names in DONE_BY.values() for name in names}

    assert named <= set(known)
    assert [names for names in DONE_BY.values() if all(known[name] == ["GET"] for name in names)] == []


def test_every_operation_that_writes_is_something_that_staff_do():
    writing = {operation.view_func.__name__ for _path, operation in operations() if operation.methods != ["GET"]}

    assert writing - {name for names in DONE_BY.values() for name in names} == set()


def test_a_view_without_an_entry_is_noticed():
    views = sent_to_by_staff()

    assert len(views) > 100
    assert {"customer_new", "record_sharing", "webhook_new"} <= set(views)
    assert "customers" not in views

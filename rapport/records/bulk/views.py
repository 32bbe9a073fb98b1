"""The pages of acts on many rows: what is wanted, how far it is, what became of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from rapport.accounts.access import Grip, find_or_404, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.bulk import actions as bulk_actions
from rapport.records.bulk.acts import BulkAct, Selectable, UnableToAct, find_act
from rapport.records.bulk.models import BulkItem, BulkItemState, BulkRun, BulkState
from rapport.records.bulk.saying import kept_answers, said_of
from rapport.records.bulk.selecting import resolve, selectables
from rapport.records.command_log.noting import mark_undone, note_command
from rapport.records.lists.querying import refuses_unknown_fields
from rapport.records.undoable import BULK
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

_SHOWN_ROWS = 100
_LONGEST_TOAST = 200


@staff_only()
@require_POST
@refuses_unknown_fields
def choose(request: HttpRequest, object_name: str) -> HttpResponse:
    """Rows were selected, and one of the acts was pressed: go on to its page, or to the questions before it."""
    user = staff_user(request)
    user.grip = Grip.READ  # rows are selected; what is done with them asks again
    selectable, act = _find_act(request, object_name, request.POST.get("act", ""))
    query = request.POST.get("query", "")
    try:
        selection = bulk_actions.select_rows(
            selectable, rows=request.POST.getlist("row"), query=query,
            is_everything="everything" in request.POST, by=user, now=utc_now(),
        )  # fmt: skip
        if act.leads_to is not None:
            return HttpResponseRedirect(
                act.leads_to(user, selection, lambda: resolve(selectable, selection, user=user))
            )
    except UnableToAct as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(_list_url(selectable, query))
    run = bulk_actions.draft_run(act, selection)
    return HttpResponseRedirect(reverse("bulk_run", args=[run.public_id]))


@staff_only()
@require_GET
@refuses_unknown_fields
def show_run(request: HttpRequest, public_id: Any) -> HttpResponse:
    run, selectable, act = _find_run(request, public_id)
    return _show(request, run, selectable, act)


@staff_only()
@require_POST
@refuses_unknown_fields
def begin(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    user.grip = Grip.READ  # a row that may not be changed is refused by the act, with a word
    run, selectable, act = _find_run(request, public_id)
    form = act.ask(user, request.POST) if act.ask is not None else None
    if form is not None and not form.is_valid():
        return _show(request, run, selectable, act, form=form, status=422)
    answers, wanted = kept_answers(form)
    try:
        bulk_actions.begin_run(run, selectable, answers=answers, by=user, now=utc_now(), request=request, wanted=wanted)
    except UnableToAct as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(_list_url(selectable, run.selection.query))
    if act.undo is not None:
        note_command(BULK, {"run": run.pk}, by=user, now=utc_now())
    if run.state == BulkState.DONE and not run.refused:
        undo_url = reverse("bulk_undo", args=[run.public_id]) if bulk_actions.can_be_undone(run) else ""
        said = [f"{label}: {value}" for label, value in said_of(run, act, user=user)]
        words = " · ".join([f"{act.label}: {_rows_in_words(run.done)}", *said])
        toast(request, Truncator(words).chars(_LONGEST_TOAST), undo_url=undo_url)
        return HttpResponseRedirect(_list_url(selectable, run.selection.query))
    return HttpResponseRedirect(reverse("bulk_run", args=[run.public_id]))


@staff_only()
@require_POST
def cancel(request: HttpRequest, public_id: Any) -> HttpResponse:
    run, _selectable, _act = _find_run(request, public_id)
    bulk_actions.cancel_run(run)
    return HttpResponseRedirect(reverse("bulk_run", args=[run.public_id]))


@staff_only()
@require_POST
def undo(request: HttpRequest, public_id: Any) -> HttpResponse:
    run, _selectable, _act = _find_run(request, public_id)
    try:
        bulk_actions.undo_run(run, request=request)
        mark_undone(BULK, {"run": run.pk}, now=utc_now())
    except UnableToAct as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse("bulk_run", args=[run.public_id]))


def _show(
    request: HttpRequest, run: BulkRun, selectable: Selectable, act: BulkAct, *, form: Any = None, status: int = 200
) -> HttpResponse:
    user, selection = staff_user(request), run.selection
    context = {
        "run": run, "act": act, "selectable": selectable, "selection": selection,
        "back": _list_url(selectable, selection.query), "form": form, "failure": run.failure,
        "can_be_undone": bulk_actions.can_be_undone(run),
    }  # fmt: skip
    if run.state != BulkState.DRAFT:
        context["said"] = said_of(run, act, user=user)
    if run.state == BulkState.DRAFT:
        try:
            context["count"] = len(resolve(selectable, selection, user=user))
        except UnableToAct as refusal:
            context["failure"] = str(refusal)
        if form is None and act.ask is not None:
            context["form"] = asked = act.ask(user, None)
            for field in list(asked.fields.values())[:1]:
                field.widget.attrs["autofocus"] = True
    elif not run.is_under_way:
        context["left"] = _left_alone(request, run, selectable)
        context["reasons"] = _reasons(run)
    return render_page(request, "records/bulk.html", context, status=status)


def _reasons(run: BulkRun) -> list[tuple[str, int]]:
    """Why rows were left alone, the most frequent first."""
    left = BulkItem.objects.filter(run=run, state__in=(BulkItemState.REFUSED, BulkItemState.KEPT))
    return Counter(left.values_list("reason", flat=True)).most_common()


def _left_alone(request: HttpRequest, run: BulkRun, selectable: Selectable) -> list[tuple[str, str, str]]:
    """(name, address, what is to be said) of the first rows that were left alone, or about which there is a note."""
    items = list(BulkItem.objects.filter(run=run).exclude(reason="").order_by("number")[:_SHOWN_ROWS])
    keys = [tuple(item.keys) for item in items]
    names = selectable.names(staff_user(request), keys) if selectable.names is not None else {}
    nameless = (_("Row that you may not see"), "")
    return [(*names.get(tuple(item.keys), nameless), item.reason) for item in items] if names else []


def _rows_in_words(count: int) -> str:
    return ngettext("%(num)s row", "%(num)s rows", count) % {"num": count}


def _list_url(selectable: Selectable, query: str) -> str:
    return reverse(selectable.url_name) + (f"?{query}" if query else "")


def _find_act(request: HttpRequest, object_name: str, name: str, *, at_foot: bool = True) -> tuple[Selectable, BulkAct]:
    """An act that the person may do with this list; those that begin somewhere else are not at its foot."""
    user, selectable = staff_user(request), selectables().get(object_name)
    if selectable is None or not user.has_right(selectable.right):
        raise Http404
    act = find_act(object_name, name)
    if act is None or not user.has_right(act.right) or (at_foot and act.is_hidden):
        raise Http404
    return selectable, act


def _find_run(request: HttpRequest, public_id: Any) -> tuple[BulkRun, Selectable, BulkAct]:
    """One's own; and only as long as the rights to the list and to the act last."""
    runs = BulkRun.objects.select_related("selection")
    run: BulkRun = find_or_404(runs, staff_user(request), public_id=public_id)
    return run, *_find_act(request, run.selection.object, run.act, at_foot=False)

"""The pages of segments: all of them, one with its history, making and changing, and why somebody is in one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import reach_of, staff_only, staff_user
from rapport.accounts.queries import business_currency, business_zone
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.customers.consents.restrictions import restriction_of
from rapport.customers.lists import CUSTOMERS
from rapport.customers.permissions import VIEW
from rapport.customers.queries import find_customer, name_for
from rapport.records.command_log.noting import Command, undo_url
from rapport.records.filters.conditions import Node, Reader, parse_filters
from rapport.records.layouts.sight import fields_to_ask
from rapport.records.lists.querying import Count, count_rows, read_request, refuses_unknown_fields
from rapport.records.registry import UnknownField
from rapport.segments import actions, noting
from rapport.segments.definitions import CUSTOMER, SegmentRefused, definition_of, texts_of
from rapport.segments.events import SegmentChanged, SegmentMade, SegmentTrashed
from rapport.segments.explaining import joined, reasons_for
from rapport.segments.forms import ListForm, SegmentForm
from rapport.segments.models import Segment
from rapport.segments.permissions import MAKE
from rapport.segments.queries import (
    made_of,
    members_over_time,
    members_seen_by,
    newest_batches,
    pick_of,
    segment_or_404,
    segments_of,
    segments_seen_by,
)
from rapport.ui.formats import day as shown_day
from rapport.ui.formats import number
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

FORM_METHODS = ["GET", "HEAD", "POST"]
SHOWN_DAYS, SHOWN_POINTS, SHOWN_BATCHES = 90, 30, 12


@staff_only(VIEW)
@require_safe
def segments(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    found = segments_seen_by(user)
    context = {
        "segments": found,
        "counts": members_seen_by(user, found),
        "said": {each.pk: words_of(each, user) for each in found},
        "may_make": user.has_right(MAKE.name),
        "build": _builder_url(),
    }
    return render_page(request, "segments/segments.html", context)


@staff_only(VIEW)
@require_safe
def segment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, found = staff_user(request), segment_or_404(staff_user(request), public_id)
    sees_all, state = reach_of(user).everything, getattr(found, "state", None)
    points = members_over_time(found, now=utc_now(), days=SHOWN_DAYS) if sees_all else []
    context = {
        "segment": found,
        "count": members_seen_by(user, [found]).get(found.pk, 0),
        "state": state,
        "is_waiting": state is None or state.computed_version != found.version,
        "points": [(shown_day(day), count, number(count)) for day, count in _thinned(points)],
        "batches": newest_batches(found, most=SHOWN_BATCHES) if sees_all else [],
        "sees_all": sees_all,
        "words": words_of(found, user),
        "join": joined(_nodes(found.definition, user)),
        "made_of": [each for each in made_of(found) if each in segments_seen_by(user)],
        "may_make": user.has_right(MAKE.name),
        "members": f"{reverse('customers')}?filter=in_segment.is:{found.public_id}",
        "build": _builder_url(found),
    }
    return render_page(request, "segments/segment.html", context, block="now")


@staff_only(MAKE)
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def keep_segment(request: HttpRequest) -> HttpResponse:
    """Make a segment of what the list of customers is asked, or let one ask that from now on."""
    user = staff_user(request)
    query = (
        QueryDict(str(request.POST["query"])) if request.method == "POST" and "query" in request.POST else request.GET
    )
    changed = segment_or_404(user, _key(query["segment"])) if query.get("segment") else None
    is_static = changed.is_static if changed is not None else query.get("kind") == "list"
    texts = query.getlist("filter") or (texts_of(changed.definition) if changed is not None else [])
    nodes = () if is_static else parse_filters(texts, fields=fields_to_ask(user, CUSTOMER), reader=_reader(user))
    initial = {"name": changed.name, "note": changed.note} if changed is not None else None
    form = SegmentForm(request.POST if request.method == "POST" else None, initial=initial)
    definition = definition_of([each.parameter for each in nodes])
    if request.method == "POST" and form.is_valid():
        try:
            kept = _keep(request, changed, form, definition=definition, is_static=is_static)
        except SegmentRefused as refusal:
            form.add_error(None if "name" not in form.cleaned_data else "name", str(refusal))
        else:
            return HttpResponseRedirect(reverse("segment", args=[kept.public_id]))
    context = {
        "form": form,
        "changed": changed,
        "is_static": is_static,
        "words": [each.words for each in nodes],
        "join": joined(nodes),
        "query": query.urlencode(),
        "count": _count_words(user, definition) if nodes else "",
        "build": _builder_url(changed, definition),
        "back": reverse("segment", args=[changed.public_id]) if changed is not None else reverse("segments"),
        "had_words": bool(query.get("q")),
    }
    return render_page(request, "segments/keep.html", context, status=422 if form.errors else 200)


@staff_only(MAKE)
@require_POST
def delete_segment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = staff_user(request)
    found = segment_or_404(user, public_id)
    now = utc_now()
    try:
        with acting(user, request, reason=SegmentTrashed.name):
            actions.trash_segment(found, by=user, now=now, request=request)
            command = noting.note_trashed(found, by=user, now=now)
    except SegmentRefused as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("segment", args=[found.public_id]))
    toast(request, _("“%(name)s” is in the trash.") % {"name": found.name}, undo_url=undo_url(command))
    return HttpResponseRedirect(reverse("segments"))


@staff_only(VIEW)
@require_safe
def why(request: HttpRequest, public_id: UUID, customer_id: UUID) -> HttpResponse:
    """Each condition with what is known of the customer, now."""
    user = staff_user(request)
    found, customer = segment_or_404(user, public_id), find_customer(user, customer_id)
    problem = ""
    reasons = []
    if not found.is_static:
        try:
            reasons = reasons_for(found, customer.pk, now=utc_now())
        except UnknownField as error:
            problem = str(error)
    context = {
        "segment": found,
        "customer": customer,
        "title": name_for(user, customer),
        "is_member": any(each.pk == found.pk for each in segments_of(customer.pk, user)),
        "is_restricted": restriction_of(customer.pk) is not None,
        "reasons": reasons,
        "join": joined(_nodes(found.definition, user)),
        "pick": pick_of(found, customer.pk) if found.is_static else None,
        "problem": problem,
        "currency": business_currency(),
    }
    return render_page(request, "segments/why.html", context)


@staff_only(VIEW)
@require_safe
def customer_segments(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What a customer is in: as chips beside the name, or as a page of its own."""
    user = staff_user(request)
    customer = find_customer(user, public_id)
    mine = segments_of(customer.pk, user)
    context: dict[str, Any] = {"customer": customer, "mine": mine}
    if wants_part(request):
        return render_page(request, "segments/chips.html", context, block="chips")
    every = segments_seen_by(user)
    lists = [each for each in every if each.is_static]
    context |= {
        "title": name_for(user, customer),
        "others": [each for each in every if each not in mine],
        "form": ListForm(lists=[each for each in lists if each not in mine]),
        "may_make": user.has_right(MAKE.name) and bool(lists),
        "said": {each.pk: words_of(each, user) for each in every},
    }
    return render_page(request, "segments/customer.html", context)


@staff_only(MAKE)
@require_POST
def move_customer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put one customer into a list, or take her out of it."""
    user = staff_user(request)
    customer = find_customer(user, public_id)
    form = ListForm(request.POST, lists=[each for each in segments_seen_by(user) if each.is_static])
    if not form.is_valid():
        raise Http404
    takes_out = request.POST.get("do") == "take"
    act = actions.take_out if takes_out else actions.put_into
    now, command = utc_now(), None
    with acting(user, request, reason="segments.take_out" if takes_out else "segments.put_into"):
        if act(form.chosen, [customer.pk], by=user, now=now, request=request):
            command = noting.note_moved(form.chosen, customer.pk, is_in=not takes_out, by=user, now=now)
    words = _("Taken out of “%(name)s”.") if takes_out else _("Put into “%(name)s”.")
    toast(request, words % {"name": form.chosen.name}, undo_url=undo_url(command))
    return HttpResponseRedirect(reverse("customer_segments", args=[customer.public_id]))


def _thinned(points: list[tuple[date, int]]) -> list[tuple[date, int]]:
    """Few enough to be told apart in a small chart, the last day among them."""
    step = -(-len(points) // SHOWN_POINTS) or 1
    return points[::-1][::step][::-1]


def words_of(found: Segment, user: User) -> list[str]:
    """Whom it asks for, in words; nothing where that cannot be asked any more."""
    return [each.words for each in _nodes(found.definition, user)]


def _nodes(definition: str, user: User) -> tuple[Node, ...]:
    try:
        return parse_filters(texts_of(definition), fields=fields_to_ask(user, CUSTOMER), reader=_reader(user))
    except UnknownField:
        return ()


def _keep(
    request: HttpRequest, changed: Segment | None, form: SegmentForm, *, definition: str, is_static: bool
) -> Segment:
    user, now, said = staff_user(request), utc_now(), form.cleaned_data
    asked = "" if is_static else definition
    command: Command | None
    with acting(user, request, reason=(SegmentMade if changed is None else SegmentChanged).name):
        if changed is None:
            kept = actions.make_segment(
                said["name"], note=said["note"], definition=asked, is_static=is_static, by=user, made_by=user, now=now,
                request=request,
            )  # fmt: skip
            command = noting.note_made(kept, by=user, now=now)
        else:
            kept = actions.change_segment(
                changed, name=said["name"], note=said["note"], definition=asked, by=user, now=now, request=request
            )
            command = noting.note_changed_segment(changed, kept, by=user, now=now)
    toast(request, _("Saved as “%(name)s”.") % {"name": kept.name}, undo_url=undo_url(command))
    return kept


def _count_words(user: User, definition: str) -> str:
    """How many of those whom the user sees fit now, as lists count."""
    return how_many(count_rows(read_request(QueryDict(definition), CUSTOMERS, user=user)))


def how_many(count: Count) -> str:
    shown = number(count.number)
    return shown if count.is_exact else _("more than %(count)s") % {"count": shown}


def _builder_url(found: Segment | None = None, definition: str = "") -> str:
    """The filter builder, which leads back to where a segment is kept."""
    asked = definition or (found.definition if found is not None else "")
    query = "&".join(
        part for part in ("use=segment_keep", f"segment={found.public_id}" if found else "", asked) if part
    )
    return f"{reverse('filter_build', args=[CUSTOMER])}?{query}"


def _reader(user: User) -> Reader:
    return Reader(user, business_zone())


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error

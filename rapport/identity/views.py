"""The pages of this room: merge, split, what is in doubt, the rules, and the hint while somebody is being typed in."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.accounts.access import staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.core.events import consequences
from rapport.customers import queries as customers
from rapport.customers.lists import CUSTOMERS
from rapport.customers.permissions import EDIT
from rapport.identity import actions, queries
from rapport.identity.actions import UnableToMerge, UnableToSplit
from rapport.identity.asking import ask_to_look_at_everybody
from rapport.identity.choosing import chosen_of, parts_of
from rapport.identity.events import ProfilesMoved
from rapport.identity.forms import BlockForm, RuleForm
from rapport.identity.models import BlockedValue
from rapport.identity.permissions import MERGE, RULES
from rapport.identity.presenting import field_of, kind_label, shares_label, told_apart_by
from rapport.identity.previewing import preview_merge, preview_split, preview_undo
from rapport.identity.staff_words import written_to
from rapport.records.bulk.acts import acts_for
from rapport.records.command_log.noting import undo_url
from rapport.records.layouts.sight import hidden_names
from rapport.records.lists.querying import fetch_page, read_request
from rapport.records.registry import UnknownField
from rapport.ui.formats import number
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

MOST_MERGED = 10
_FOUND = 8
_COUNTED = 1_000


@staff_only(MERGE)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """Choose customers, look at what they would be as one, and make them one."""
    user = staff_user(request)
    asked = request.POST if request.method == "POST" else request.GET
    chosen, hidden = _chosen(request, asked), hidden_names(user, "customer")
    keep = _keep(chosen, asked.get("keep", ""))
    context: dict[str, Any] = {
        "chosen": chosen, "keep": keep, "names": {c.pk: customers.name_of(c, hidden=hidden) for c in chosen},
        "q": asked.get("q", ""), "hidden": hidden,
        "found": _found(request, asked.get("q", ""), chosen), "reason": asked.get("reason", ""),
    }  # fmt: skip
    status = 200
    if len(chosen) > 1:
        others = [customer for customer in chosen if customer.pk != keep.pk]
        try:
            if request.method == "POST":
                return _merged(request, keep, others)
            context["preview"] = preview_merge(keep, others, user=user, now=utc_now())
        except UnableToMerge as refusal:
            context["refusal"], status = str(refusal), 422 if request.method == "POST" else 200
    elif request.method == "POST":
        context["refusal"], status = _("Choose at least two customers."), 422
    return render_page(request, "identity/merge.html", context, status=status)


def _merged(request: HttpRequest, keep: Any, others: list[Any]) -> HttpResponse:
    reason = _plain(request.POST.get("reason", ""))[:500]
    ids = [customer.pk for customer in others]
    done = actions.merge_customers(keep.pk, ids, by=staff_user(request), now=utc_now(), reason=reason, request=request)
    count = len(others) + 1
    words = ngettext("%(num)s customer is one now.", "%(num)s customers are one now.", count) % {"num": count}
    toast(request, _with_what_follows(words), undo_url=undo_url(done.command))
    return HttpResponseRedirect(reverse("customer", args=[keep.public_id]))


def _with_what_follows(words: str) -> str:
    """What was done, and what rooms above make of it in a moment: the page shows what they knew before."""
    return " ".join([words, *consequences(ProfilesMoved)])


def _chosen(request: HttpRequest, asked: QueryDict) -> list[Any]:
    """The customers named in the request, each of them visible or the same 404 as one that does not exist."""
    found = {}
    for text in asked.getlist("id")[:MOST_MERGED]:
        customer = customers.find_customer(staff_user(request), _uuid(text))
        found[customer.pk] = customer
    return list(found.values())


def _plain(text: str) -> str:
    """Without what no text of the database can hold."""
    return text.replace("\x00", " ")


def _uuid(text: str) -> UUID:
    with suppress(ValueError):
        return UUID(text)
    raise Http404


def _keep(chosen: list[Any], asked: str) -> Any:
    named = [customer for customer in chosen if str(customer.public_id) == asked]
    if named:
        return named[0]
    return min(chosen, key=lambda c: (c.owner_id is None, c.pk), default=None)


def _found(request: HttpRequest, text: str, chosen: list[Any]) -> list[Any]:
    """Customers that a search finds, except those chosen."""
    if not text.strip():
        return []
    query = QueryDict(mutable=True)
    query["q"] = text
    user = staff_user(request)
    fields = CUSTOMERS.fields_for(user)
    try:
        asked = read_request(query, CUSTOMERS, user=user)
    except UnknownField:
        return []
    columns = [fields[name] for name in ("name", "number", "organization", "city") if name in fields]
    taken = {customer.public_id for customer in chosen}
    rows = fetch_page(asked, columns=columns, size=_FOUND + len(chosen)).rows
    return [(row, customers.shown_name(row["name"], row["number"])) for row in rows if row.public_id not in taken][
        :_FOUND
    ]


@staff_only(MERGE)
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Choose what to take out of a customer, and whose is what staff wrote meanwhile; look at what will be, and do it."""
    user = staff_user(request)
    found = customers.find_customer(user, public_id)
    homes = queries.homes_of(found.pk, customers.profiles_of(found))
    asked = request.POST if request.method == "POST" else request.GET
    parts, wanted = parts_of(homes), asked.getlist("out")
    names = {home.home_id: home.public_id for home in homes}
    out = {profile for part in parts if {part.key, names[part.home_id]} & set(wanted) for profile in part.profile_ids}
    context: dict[str, Any] = {
        "customer": found, "title": customers.name_of(found, hidden=hidden_names(user, "customer")), "homes": homes,
        "parts": parts, "out": out, "kind_label": kind_label, "reason": asked.get("reason", ""),
        "hidden": hidden_names(user, "customer"), "field_of": field_of,
    }  # fmt: skip
    status = 200
    try:
        if request.method == "POST":
            groups = written_to(found, homes, out, user=user)
            done = actions.split_customer(
                found.pk, [], profile_ids=sorted(out), by=user, now=utc_now(), reason=_plain(asked.get("reason", ""))[:500],
                given=chosen_of(asked, groups, parts), request=request,
            )  # fmt: skip
            words = _("Taken apart. They stay apart whatever they share, until somebody merges them.")
            toast(request, _with_what_follows(words))
            return HttpResponseRedirect(_where(request, done.customer_id))
        if wanted:
            context["preview"] = preview_split(found, sorted(out), user=user, now=utc_now())
            context["groups"] = written_to(found, homes, out, user=user)
    except UnableToSplit as refusal:
        context["refusal"], status = str(refusal), 422 if request.method == "POST" else 200
    return render_page(request, "identity/split.html", context, status=status)


def _where(request: HttpRequest, customer_id: int) -> str:
    """The page of the customer, or the list where this person may not see her."""
    seen = customers.customers_by_id(staff_user(request), [customer_id]).get(customer_id)
    return reverse("customer", args=[seen.public_id]) if seen is not None else reverse("customers")


@staff_only(MERGE)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Take back that somebody said that two are one; what staff wrote meanwhile is asked about first."""
    user = staff_user(request)
    link = queries.find_link(user, public_id)
    found = customers.customers_by_id(user, queries.customers_of_link(link))
    homes = [home for each in found.values() for home in queries.homes_of(each.pk, customers.profiles_of(each))]
    groups = (
        [group for each in found.values() for group in written_to(each, homes, set(), user=user)]
        if len(found) == 1
        else []
    )
    parts = parts_of(homes)
    try:
        if request.method == "GET" and found:
            customer, now = next(iter(found.values())), utc_now()
            hidden = hidden_names(user, "customer")
            context = {
                "customer": customer, "title": customers.name_of(customer, hidden=hidden), "link": link, "parts": parts,
                "groups": groups, "hidden": hidden, "preview": preview_undo(customer, link, user=user, now=now),
            }  # fmt: skip
            return render_page(request, "identity/undo.html", context)
        if groups and "chosen" not in request.POST:
            return HttpResponseRedirect(request.path)
        given = chosen_of(request.POST, groups, parts)
        done = actions.undo_merge(link, by=user, now=utc_now(), given=given, request=request)
    except UnableToSplit as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(_where(request, link.keep_id))
    if done.apart_ids:
        toast(request, _("The merge was taken back."))
    else:
        toast(request, _("Taken back, but they stay one by what they share. Split them to keep them apart."))
    return HttpResponseRedirect(_where(request, done.customer_id))


@staff_only(MERGE)
@require_GET
def doubts(request: HttpRequest) -> HttpResponse:
    """Pairs of customers that may be one, and values that too many share."""
    user = staff_user(request)
    pairs, hidden = queries.doubtful_pairs(user), hidden_names(user, "customer")
    count = queries.count_doubts(user, at_most=_COUNTED + 1)
    many = _("more than %(count)s") % {"count": number(_COUNTED)}
    context = {
        "pairs": pairs, "count": number(count) if count <= _COUNTED else many, "acts": acts_for(user, "doubt"),
        "kind_label": kind_label, "hidden": hidden, "field_of": field_of,
        "sides": {c.pk: told_apart_by(c, hidden=hidden) for pair in pairs for c in (pair.one, pair.other)},
        "names": {c.pk: customers.name_of(c, hidden=hidden) for pair in pairs for c in (pair.one, pair.other)},
        "shared": queries.values_too_many_share(user), "may_rule": user.has_right(RULES.name),
    }  # fmt: skip
    return render_page(request, "identity/doubts.html", context)


@staff_only(MERGE)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Accept a pair in doubt, or keep it apart for good."""
    user = staff_user(request)
    one, other = (customers.find_customer(user, _uuid(request.POST.get(name, ""))) for name in ("one", "other"))
    decision = request.POST.get("decision")
    try:
        if decision == "same":
            keep = _keep([one, other], request.POST.get("keep", ""))
            others = [c.pk for c in (one, other) if c.pk != keep.pk]
            done = actions.merge_customers(
                keep.pk, others, by=user, now=utc_now(), reason=_("In doubt, decided"), request=request
            )
            toast(request, _("They are one customer now."), undo_url=undo_url(done.command))
        elif decision == "different":
            command = actions.keep_apart(one.pk, other.pk, by=user, now=utc_now(), request=request)
            toast(request, _("They stay two customers."), undo_url=undo_url(command))
        else:
            raise Http404
    except (UnableToMerge, UnableToSplit) as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse("doubts"))


@staff_only(EDIT)
@require_POST
def duplicates(request: HttpRequest) -> HttpResponse:
    """Who may be meant by what stands in the form so far; asked by POST, since addresses do not belong into logs."""
    hidden = hidden_names(staff_user(request), "customer")
    asked = [name for name in ("name", "email", "phone", "country") if name not in hidden]
    found = queries.possible_duplicates(
        staff_user(request), {name: _plain(request.POST.get(name, ""))[:300] for name in asked}
    )
    name_of = partial(customers.name_of, hidden=hidden)
    context = {"duplicates": [(d, shares_label(d.shares)) for d in found], "name_of": name_of}
    return render_page(request, "identity/duplicates.html", context, block="hint")


@staff_only(RULES)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """How much each kind of identifier proves, and the values that point at nobody."""
    user, status = staff_user(request), 200
    asked = request.POST if request.method == "POST" else None
    forms = [
        (rule, RuleForm.of(rule, asked if asked and asked.get("rule") == str(rule.kind) else None))
        for rule in queries.rules()
    ]
    block_form = BlockForm(asked if asked and "value" in asked else None)
    for rule, form in forms:
        if form.is_bound and form.is_valid():
            actions.change_rule(rule, **form.cleaned_data, by=user, request=request)
            return _looked_again(request, _("The rule was changed. Everybody is looked at again."))
    if block_form.is_bound and block_form.is_valid():
        actions.block_value(**block_form.cleaned_data, by=user, request=request)
        return _looked_again(request, _("The value points at nobody now. Everybody is looked at again."))
    if asked is not None:
        status = 422
    context = {
        "rules": [(kind_label(rule.kind), rule, form) for rule, form in forms], "block_form": block_form,
        "blocked": BlockedValue.objects.order_by("value"),
    }  # fmt: skip
    return render_page(request, "identity/rules.html", context, status=status)


def _looked_again(request: HttpRequest, words: str) -> HttpResponse:
    ask_to_look_at_everybody()
    toast(request, words)
    return HttpResponseRedirect(reverse("identity_rules"))


@staff_only(RULES)
@require_POST
def unblock(request: HttpRequest, public_id: Any) -> HttpResponse:
    blocked = BlockedValue.objects.filter(public_id=public_id).first()
    if blocked is None:
        raise Http404
    actions.unblock_value(blocked, by=staff_user(request), request=request)
    return _looked_again(request, _("The value counts again. Everybody is looked at again."))

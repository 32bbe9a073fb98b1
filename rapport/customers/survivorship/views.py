"""Settings: which source comes first and by which rule each value is shown, with a look at what a change would do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.customers.models import Rule
from rapport.customers.survivorship import settings as rules
from rapport.customers.survivorship.settings import Effect, RulesDraft, RulesRefused
from rapport.ui.formats import number
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast


@staff_only(ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def survivorship(request: HttpRequest) -> HttpResponse:
    """The order of the sources and the rules; nothing is kept before “Save”."""
    if request.method != "POST":
        return _show(request, rules.current_draft())
    try:
        draft = _sent(request)
    except RulesRefused:
        toast(
            request,
            _("The sources or fields are not the same any more. Nothing was saved; here they are now."),
            bad=True,
        )
        return _show(request, rules.current_draft(), status=409)
    act, _colon, source = request.POST.get("act", "").partition(":")
    if act in ("up", "down") and source in {str(each.id) for each in draft.sources}:
        return _show(request, draft.moved(int(source), up=act == "up"), is_open=True, moved=source)
    if act == "preview":
        return _show(request, draft, effect=rules.effect_of(draft), is_open=True)
    if act != "save":
        return HttpResponseBadRequest()
    begun = rules.save_rules(draft, by=staff_user(request), request=request)
    toast(request, _("Saved. The customers are being looked through.") if begun else _("Saved."))
    return HttpResponseRedirect(reverse("survivorship"))


@staff_only(ADMINISTER)
@require_POST
def survivorship_pass(request: HttpRequest) -> HttpResponse:
    """Cancel the pass over the customers that is under way, or begin one more."""
    user = staff_user(request)
    if request.POST.get("act") == "again":
        rules.derive_all_again(by=user, request=request)
    elif rules.cancel_derivation(by=user, request=request):
        toast(request, _("Cancelled. Customers that were not reached follow the new rules at their next change."))
    return HttpResponseRedirect(reverse("survivorship"))


def _show(
    request: HttpRequest,
    draft: RulesDraft,
    *,
    effect: Effect | None = None,
    is_open: bool = False,
    moved: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "draft": draft,
        "rules": Rule.choices,
        "firsts": [("0", "—"), *((str(source.id), source.label) for source in draft.sources)],
        "effect": effect,
        "effect_words": _in_words(effect) if effect is not None else "",
        "is_open": is_open,
        "moved": moved,
        "derivation": rules.latest_derivation(),
    }
    return render_page(request, "customers/survivorship.html", context, block="progress", status=status)


def _in_words(effect: Effect) -> str:
    if not effect.total:
        return _("No customer has several sources yet, so nothing would change.")
    if effect.is_sample:
        values = {"changed": number(effect.changed), "count": number(effect.looked_at), "total": number(effect.total)}
        return (
            _("%(changed)s of %(count)s customers looked at would show another value; %(total)s have several sources.")
            % values
        )
    return ngettext(
        "%(changed)s of %(count)s customer with several sources would show another value.",
        "%(changed)s of %(count)s customers with several sources would show another value.",
        effect.total,
    ) % {"changed": number(effect.changed), "count": number(effect.total)}


def _sent(request: HttpRequest) -> RulesDraft:
    post = request.POST

    def under(prefix: str) -> dict[str, str]:
        return {key.removeprefix(prefix): str(post[key]).replace("\x00", " ") for key in post if key.startswith(prefix)}

    return rules.read_draft(
        order=post.getlist("source"),
        labels=under("label-"),
        shares=set(post.getlist("shares")),
        rules=under("rule-"),
        firsts=under("first-"),
    )

"""Pages: a person exported, restricted, erased, what is kept for how long, and what was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.customers import queries as customers
from rapport.customers.consents import restrictions
from rapport.privacy import actions, keeping, queries
from rapport.privacy.declared import processing_records
from rapport.privacy.forms import EraseForm, KeepForm, LiftForm, RestrictForm
from rapport.privacy.models import Erasure, PersonExport
from rapport.privacy.permissions import ERASE, EXPORT, RESTRICT, RETAIN
from rapport.records.layouts.sight import sees_all_fields
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User


class SomethingHidden(PermissionDenied):
    """What holds everything is not for roles from which something is hidden."""

    why = gettext_lazy(
        "This file holds every field. Fields are hidden from your role, so ask somebody who sees all of them."
    )


@staff_only(EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, public_id: Any) -> HttpResponse:
    """What was collected last, and a button that has it collected."""
    user = _who_sees_all(request)
    found = customers.find_customer(user, public_id)
    if request.method == "POST":
        actions.ask_for_export(found.pk, public_id=str(found.public_id), by=user, now=utc_now(), request=request)
        return HttpResponseRedirect(reverse("person_export", args=[found.public_id]))
    context = {
        "customer": found,
        "title": customers.name_for(user, found),
        "export": queries.newest_export(found.pk, asked_by=user.pk),
        "now": utc_now(),
    }
    return render_page(request, "privacy/export.html", context)


@staff_only(EXPORT)
@require_safe
def download(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = _who_sees_all(request)
    asked: PersonExport = find_or_404(PersonExport.objects, user, public_id=public_id)
    found = customers.customers_by_id(user, [asked.customer_id]).get(asked.customer_id)
    path = StoredFile(asked.file_digest, asked.file_size).path
    if found is None or not asked.is_ready(now=utc_now()) or not path.is_file():
        raise Http404
    actions.note_download(asked, public_id=str(found.public_id), by=user, request=request)
    name = f"customer-{found.public_id}.zip"
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    answer["Content-Security-Policy"] = "sandbox"
    answer["Cache-Control"] = "private, no-store"
    return cast(HttpResponse, answer)


def _who_sees_all(request: HttpRequest) -> User:
    """The file holds everything, so nobody is given it from whom something is hidden."""
    user = staff_user(request)
    if not sees_all_fields(user):
        raise SomethingHidden
    return user


@staff_only(RESTRICT)
@require_http_methods(["GET", "HEAD", "POST"])
def restriction(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Keep what is known and use none of it; or, where that is so already, use it again."""
    user = staff_user(request)
    found = customers.find_customer(user, public_id)
    held = restrictions.restriction_of(found.pk)
    typed = request.POST if request.method == "POST" else None
    form = RestrictForm(typed) if held is None else LiftForm(typed)
    if form.is_valid():
        if held is None:
            restrictions.restrict_processing(found, **form.cleaned_data, by=user, now=utc_now(), request=request)
            toast(request, _("Restricted: it is kept, and nothing else is done with it."))
        else:
            restrictions.lift_restriction(found, by=user, now=utc_now(), request=request)
            toast(request, _("The restriction is lifted."))
        return HttpResponseRedirect(reverse("customer", args=[found.public_id]))
    context = {"customer": found, "title": customers.name_for(user, found), "form": form, "held": held}
    return render_page(request, "privacy/restriction.html", context, status=422 if form.errors else 200)


@staff_only(ERASE)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = customers.find_customer(user, public_id)
    title = customers.name_for(user, found)
    form = EraseForm(request.POST if request.method == "POST" else None, called=title)
    if form.is_valid():
        asked = actions.ask_for_erasure(
            found.pk, public_id=str(found.public_id), ground=form.cleaned_data["ground"], by=user, now=utc_now(),
            request=request,
        )  # fmt: skip
        return HttpResponseRedirect(reverse("erasure", args=[asked.public_id]))
    context = {"customer": found, "title": title, "form": form}
    return render_page(request, "privacy/erase.html", context, status=422 if form.errors else 200)


@staff_only(ERASE)
@require_safe
def erasure(request: HttpRequest, public_id: Any) -> HttpResponse:
    asked: Erasure = find_or_404(Erasure.objects, staff_user(request), public_id=public_id)
    return render_page(request, "privacy/erasure.html", {"erasure": asked})


@staff_only(ERASE)
@require_safe
def erasures(request: HttpRequest) -> HttpResponse:
    return render_page(request, "privacy/erasures.html", {"erasures": queries.newest_erasures()})


@staff_only(RETAIN)
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    now = utc_now()
    context = {"rules": keeping.rules(), "next_run": keeping.next_run(now=now), "records": processing_records()}
    return render_page(request, "privacy/retention.html", context)


@staff_only(RETAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """How long something is kept; before it is saved it is said how much would go tonight."""
    try:
        found = keeping.find_rule(name)
    except keeping.UnknownRule as error:
        raise Http404 from error
    form = KeepForm(request.POST) if request.method == "POST" else KeepForm(initial={"days": found.days})
    goes = None
    if form.is_valid():
        days = form.cleaned_data["days"]
        goes = keeping.would_go(found, days, now=utc_now())
        if not goes or request.POST.get("confirmed") == str(days):
            keeping.save_rule(found, days, by=staff_user(request), request=request)
            toast(request, _("Saved."))
            return HttpResponseRedirect(reverse("retention"))
    return render_page(
        request, "privacy/rule.html", {"rule": found, "form": form, "goes": goes}, status=422 if form.errors else 200
    )


@staff_only(RETAIN)
@require_POST
def run_now(request: HttpRequest) -> HttpResponse:
    actions.ask_for_house_keeping()
    toast(request, _("The rules are being applied. This page shows what went when it is done."))
    return HttpResponseRedirect(reverse("retention"))

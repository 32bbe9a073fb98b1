"""Pages of the shell itself: search or jump, theme, shortcuts, errors, the component gallery."""

from __future__ import annotations

from django import forms
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.core.acting import acting
from rapport.ui.audience import for_anybody, for_staff
from rapport.ui.context import THEME_COOKIE, THEMES, signed_in
from rapport.ui.gallery import samples
from rapport.ui.palette import find_everywhere
from rapport.ui.rendering import render_page

_A_YEAR = 365 * 24 * 3600
_LONGEST_QUERY = 200


@for_staff
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """A search page by itself; its results alone to the palette that opens over any page."""
    text = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    groups = find_everywhere(request, request.user, text, pages_title=_("Pages"))
    return render_page(request, "ui/palette.html", {"text": text, "groups": groups}, block="results")


@for_anybody
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device has it: kept in a cookie and, for staff, with the person."""
    chosen = request.POST.get("theme", "")
    if chosen not in (*THEMES, ""):
        return HttpResponseBadRequest()
    person = signed_in(request)
    if person is not None and person.theme != chosen:
        with acting(person, request):
            get_user_model().objects.filter(pk=person.pk).update(theme=chosen)
    response = _back(request)
    return _remember(response, request, THEME_COOKIE, chosen)


@for_staff
@require_POST
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Turn the single-key shortcuts off or on in this browser (WCAG 2.1.4)."""
    return _remember(_back(request), request, "shortcuts", "off" if request.POST.get("shortcuts") == "off" else "")


def _remember(response: HttpResponse, request: HttpRequest, name: str, value: str) -> HttpResponse:
    if value:
        response.set_cookie(name, value, max_age=_A_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    else:
        response.delete_cookie(name, samesite="Lax")
    return response


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if ours else "/")


class GalleryForm(forms.Form):
    """Every kind of form field, to be looked at; nothing is kept."""

    name = forms.CharField(label=gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("We write only when asked to."))
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=[("web", gettext_lazy("Web")), ("store", gettext_lazy("Store"))],
        widget=forms.RadioSelect,
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=[("EUR", "EUR"), ("GBP", "GBP")])
    agreed = forms.BooleanField(label=gettext_lazy("I have read it"))


@for_staff
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    wrong = GalleryForm({"name": "Ana", "email": "not an address"}, auto_id="wrong_%s")
    context = samples() | {"form": GalleryForm(), "wrong_form": wrong}
    return render_page(request, "ui/gallery.html", context)


def _error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "ui/error.html", {"status": status, "title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(
        request,
        400,
        _("This request cannot be understood"),
        _("Something in the address or the form is not as expected."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    why = getattr(exception, "why", "") or _("Ask an administrator for the right if you need it.")
    return _error(request, 403, _("Your role does not include this"), why)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(
        request, 404, _("There is nothing here"), _("It may have been moved or deleted, or belong to somebody else.")
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("Nothing was saved. Go back, load the page again and send the form once more.")
    return _error(request, 403, _("This form has expired"), text)

"""Worth in five ways: of the whole base, of one customer, and what it is computed with."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.commerce.permissions import VIEW as SEE_ORDERS
from rapport.customers.queries import find_customer, name_for
from rapport.insight import queries
from rapport.insight.behind.rankings import ranking_href
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import FIVE
from rapport.insight.five_worths.actions import set_unit_values
from rapport.insight.five_worths.forms import UnitValuesForm
from rapport.insight.five_worths.page import base_page, customer_page
from rapport.insight.models import CustomerWorth
from rapport.insight.permissions import TRAITS, VIEW
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.insight.lifetime.ranges import ForetoldRange

_RANGE = "rapport.insight.lifetime.ranges"


@staff_only(VIEW)
@require_safe
def five_worths(request: HttpRequest) -> HttpResponse:
    """The whole base, as the newest refresh found it."""
    run, user = queries.newest_five_worths(), staff_user(request)
    context = {
        "run": run,
        "explained": explained(FIVE, learned=(run.snapshot_folder, "five_worths")) if run is not None else None,
        "page": base_page(run, run.report.get("foretold") or queries.foretold_sums()) if run is not None else None,
        "may_set": user.has_right(ADMINISTER.name),
        "sorted_by": lambda sort: ranking_href(user, sort),
    }
    return render_page(request, "insight/five_worths.html", context)


@staff_only(TRAITS)
@require_safe
def customer_worth(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Each of a customer's worths with its arithmetic."""
    user = staff_user(request)
    customer = find_customer(user, public_id)
    if customer.public_id != public_id:
        return HttpResponseRedirect(reverse("customer_worth", args=[customer.public_id]))
    run, worths = queries.newest_five_worths(), queries.five_worths_of(customer.pk)
    bought = queries.worth_of(customer.pk)
    context = {
        "customer": customer,
        "title": name_for(user, customer),
        "run": run,
        "behind": _behind(user, customer.public_id),
        "page": customer_page(run, worths, bought, _range(bought)) if run and worths else None,
    }
    return render_page(request, "insight/customer_worth.html", context)


def _behind(user: User, public_id: UUID) -> list[tuple[str, str]]:
    """Where the rows stand that a customer's worths are worked out of, and how far what is foretold can be trusted."""
    at = reverse("customer", args=[public_id])
    orders = [(_("the orders"), f"{at}?tab=orders")] if user.has_right(SEE_ORDERS.name) else []
    others = [
        (_("the contacts"), at),
        (_("who came through this customer"), reverse("customer_relationships", args=[public_id])),
    ]
    pages = [("lifetime", _("lifetime value: can I trust this?")), ("lineage", _("where the numbers come from"))]
    return orders + others + ([(label, reverse(name)) for name, label in pages] if user.has_right(VIEW.name) else [])


def _range(bought: CustomerWorth | None) -> ForetoldRange | None:
    """The models take a moment to load, so whoever does not ask for a range does without."""
    scored = queries.newest_scores("clv")
    if bought is None or scored is None:
        return None
    found: ForetoldRange | None = import_module(_RANGE).range_of(scored, bought)
    return found


@staff_only(ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def unit_values(request: HttpRequest) -> HttpResponse:
    """What a minute, a contact, a delivery and a lesson cost or are worth."""
    form = UnitValuesForm(
        request.POST if request.method == "POST" else None, initial=UnitValuesForm.initial_of(queries.unit_amounts())
    )
    if form.is_valid():
        changed = set_unit_values(form.amounts(), by=staff_user(request), request=request)
        toast(request, _("Saved. The numbers are being refreshed.") if changed else _("Saved."))
        return HttpResponseRedirect(reverse("unit_values"))
    context = {"form": form, "currency": queries.report_settings().currency or queries.traits_currency()}
    return render_page(request, "insight/unit_values.html", context, status=422 if form.errors else 200)

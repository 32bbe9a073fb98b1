"""Settings: teams and roles."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts import actions, queries
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.forms import RoleForm, TeamForm
from rapport.accounts.models import Role, Team
from rapport.accounts.permissions import ADMINISTER
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

FORM_METHODS = ["GET", "HEAD", "POST"]


@staff_only(ADMINISTER)
@require_http_methods(FORM_METHODS)
def teams(request: HttpRequest) -> HttpResponse:
    """The tree, and below it the form that adds a team."""
    return _save_team(request, None, {})


@staff_only(ADMINISTER)
@require_http_methods(FORM_METHODS)
def team(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.team_or_404(public_id)
    return _save_team(request, found, {"name": found.name, "parent": found.parent.public_id if found.parent else None})


@staff_only(ADMINISTER)
@require_POST
def remove_team(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    try:
        actions.remove_team(queries.team_or_404(public_id), by=staff_user(request), request=request)
    except actions.TeamInUse as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("team", args=[public_id]))
    toast(request, _("The team was removed."))
    return HttpResponseRedirect(reverse("teams"))


@staff_only(ADMINISTER)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    return render_page(request, "accounts/roles.html", {"roles": queries.role_list()})


@staff_only(ADMINISTER)
@require_http_methods(FORM_METHODS)
def new_role(request: HttpRequest) -> HttpResponse:
    return _save_role(request, None, {"scope": "team"})


@staff_only(ADMINISTER)
@require_http_methods(FORM_METHODS)
def role(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.role_or_404(public_id)
    return _save_role(request, found, {"name": found.name, "scope": found.scope, "rights": found.rights})


@staff_only(ADMINISTER)
@require_POST
def remove_role(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    try:
        actions.remove_role(queries.role_or_404(public_id), by=staff_user(request), request=request)
    except (actions.RoleInUse, actions.RoleIsFixed) as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("role", args=[public_id]))
    toast(request, _("The role was removed."))
    return HttpResponseRedirect(reverse("roles"))


def _save_team(request: HttpRequest, found: Team | None, initial: dict[str, Any]) -> HttpResponse:
    form = TeamForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_team(found, **form.cleaned_data, by=staff_user(request), request=request)
        except (actions.TeamLoop, actions.TeamTooDeep) as refusal:
            form.add_error("parent", str(refusal))
        except actions.NameTaken as refusal:
            form.add_error("name", str(refusal))
        else:
            toast(request, _("The team %(name)s was saved.") % {"name": saved.name})
            return HttpResponseRedirect(reverse("teams"))
    context = {"form": form, "tree": queries.team_tree(), "public_id": found.public_id if found else None}
    return render_page(request, "accounts/teams.html", context, status=422 if form.is_bound else 200)


def _save_role(request: HttpRequest, found: Role | None, initial: dict[str, Any]) -> HttpResponse:
    form = RoleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_role(found, **form.cleaned_data, by=staff_user(request), request=request)
        except actions.NameTaken as refusal:
            form.add_error("name", str(refusal))
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("The role %(name)s was saved.") % {"name": saved.name})
            return HttpResponseRedirect(reverse("roles"))
    context = {
        "form": form,
        "public_id": found.public_id if found else None,
        "is_fixed": found is not None and queries.is_fixed(found),
    }
    return render_page(request, "accounts/role.html", context, status=422 if form.is_bound else 200)

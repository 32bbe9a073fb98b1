"""The pages of views: all of a list's, one with what it asks, and making, copying, deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.accounts.queries import role_list
from rapport.core.clock import utc_now
from rapport.records.exporting.lists import ExportedList, every_list
from rapport.records.lists.querying import refuses_unknown_fields
from rapport.records.models import RoleView, SavedView
from rapport.records.permissions import SHARE
from rapport.records.saved_views import actions
from rapport.records.saved_views.forms import ViewForm
from rapport.records.saved_views.opening import PLAIN, VIEW, Opened, asked_in, choice_of, open_list, view_or_404
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

FORM_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class ViewRow:
    """A view as the page of all views shows it to one person."""

    view: SavedView
    is_mine: bool
    may_change: bool
    is_pinned: bool
    opens: bool
    roles: tuple[str, ...]


@staff_only()
@require_safe
def views(request: HttpRequest, object_name: str) -> HttpResponse:
    user, listed = staff_user(request), list_or_404(request, object_name)
    choice = choice_of(user, listed.name)
    roles = _roles_by_view(listed.name)
    visible = SavedView.objects.visible_to(user).filter(object=listed.name).select_related("made_by")
    rows = [
        ViewRow(
            each,
            each.made_by_id == user.pk,
            actions.may_change(each, user),
            each.pk in choice.pinned,
            each.pk == choice.opens,
            tuple(roles.get(each.pk, ())),
        )
        for each in visible.order_by("name", "pk")
    ]
    trashed = SavedView.objects.trashed_of(user).filter(object=listed.name).order_by("-trashed_at")
    context = {
        "listed": listed,
        "mine": [row for row in rows if row.is_mine],
        "others": [row for row in rows if not row.is_mine],
        "trashed": list(trashed[:20]),
        "back": reverse(listed.url_name),
        "opens_plain": choice.opens is None,
        "of_role": RoleView.objects.filter(role_id=user.role_id, object=listed.name).exists(),
    }
    return render_page(request, "records/views.html", context)


@staff_only()
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def new_view(request: HttpRequest, object_name: str) -> HttpResponse:
    """Keep what the list is asked now, with its columns, under a name."""
    user, listed = staff_user(request), list_or_404(request, object_name)
    query = _query(request)
    opened = open_list(query, listed.of(user), user=user)
    form = _form(request, user, initial={"is_pinned": True})
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = actions.save_view(
                    listed.name, name=form.cleaned_data["name"], asked=asked_in(opened.asked),
                    columns=opened.kept_columns, by=user, now=utc_now(), request=request,
                )  # fmt: skip
                _settle(request, made, form)
        except actions.ViewRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            toast(request, _("Saved as “%(name)s”.") % {"name": made.name})
            return HttpResponseRedirect(view_address(listed, made))
    context = {**_said(listed, opened), "form": form, "query": query.urlencode(), "back": _back(listed, query)}
    return render_page(request, "records/view_new.html", context, status=422 if form.errors else 200)


@staff_only()
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def show_view(request: HttpRequest, public_id: Any) -> HttpResponse:
    """One view; an address with what the list asks beside it offers to keep that in the view."""
    user = staff_user(request)
    view, listed = _find(request, public_id)
    query = _query(request)
    query[VIEW] = str(view.public_id)
    opened = open_list(query, listed.of(user), user=user)
    may_change = actions.may_change(view, user)
    form = _form(request, user, initial=_initial(view, user)) if may_change else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _change(request, view, form, opened):
            toast(request, _("Saved."))
            return HttpResponseRedirect(view_address(listed, view))
    context = {
        **_said(listed, opened),
        "view": view,
        "form": form,
        "is_changed": opened.is_changed,
        "query": query.urlencode() if opened.is_changed else "",
        "back": view_address(listed, view),
        "is_pinned": view.pk in choice_of(user, listed.name).pinned,
    }
    return render_page(request, "records/view.html", context, status=422 if form is not None and form.errors else 200)


@staff_only()
@require_POST
def copy_view(request: HttpRequest, public_id: Any) -> HttpResponse:
    view, listed = _find(request, public_id)
    try:
        made = actions.copy_view(view, by=staff_user(request), now=utc_now(), request=request)
    except actions.ViewRefused as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("list_views", args=[listed.name]))
    toast(request, _("This is your own copy. Give it a name."))
    return HttpResponseRedirect(reverse("list_view", args=[made.public_id]))


@staff_only()
@require_POST
def delete_view(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    view, listed = _find(request, public_id)
    if not actions.may_change(view, user):
        raise Http404
    actions.trash_view(view, by=user, now=utc_now(), request=request)
    undo_url = reverse("list_view_restore", args=[view.public_id]) if view.made_by_id == user.pk else ""
    toast(request, _("“%(name)s” is deleted.") % {"name": view.name}, undo_url=undo_url)
    return HttpResponseRedirect(reverse("list_views", args=[listed.name]))


@staff_only()
@require_POST
def restore_view(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    view = SavedView.objects.trashed_of(user).filter(public_id=public_id).first()
    if view is None:
        raise Http404
    listed = list_or_404(request, view.object)
    try:
        actions.restore_view(view, by=user, request=request)
    except actions.ViewRefused as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse("list_views", args=[listed.name]))


@staff_only()
@require_POST
def pin_view(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Make it a tab, or with `pinned=no` no longer."""
    view, listed = _find(request, public_id)
    try:
        actions.pin_view(view, request.POST.get("pinned") != "no", by=staff_user(request), request=request)
    except actions.ViewRefused as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse("list_views", args=[listed.name]))


@staff_only()
@require_POST
def open_with(request: HttpRequest, object_name: str) -> HttpResponse:
    """What one's own list opens with: the view of this id, `all` for none, nothing for what the role begins with."""
    user, listed = staff_user(request), list_or_404(request, object_name)
    wanted = request.POST.get(VIEW, "")
    if wanted and wanted != PLAIN:
        actions.open_with(listed.name, view_or_404(user, listed.name, wanted), by=user, request=request)
    elif wanted:
        actions.open_with(listed.name, None, by=user, request=request)
    else:
        actions.open_as_role(listed.name, by=user, request=request)
    toast(request, _("Saved."))
    return HttpResponseRedirect(reverse("list_views", args=[listed.name]))


def list_or_404(request: HttpRequest, name: str) -> ExportedList:
    found = every_list().get(name)
    if found is None or not staff_user(request).has_right(found.right):
        raise Http404(_("There is no such list."))
    return found


def view_address(listed: ExportedList, view: SavedView) -> str:
    return f"{reverse(listed.url_name)}?{VIEW}={view.public_id}"


def _query(request: HttpRequest) -> QueryDict:
    """What the list is asked, as its address says it."""
    return QueryDict(
        request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode(), mutable=True
    )


def _back(listed: ExportedList, query: QueryDict) -> str:
    path = reverse(listed.url_name)
    return f"{path}?{query.urlencode()}" if query else path


def _find(request: HttpRequest, public_id: Any) -> tuple[SavedView, ExportedList]:
    """A view that this person sees, of a list that she has."""
    view: SavedView = find_or_404(SavedView.objects.all(), staff_user(request), public_id=public_id)
    return view, list_or_404(request, view.object)


def _form(request: HttpRequest, user: User, *, initial: dict[str, Any]) -> ViewForm:
    may_share = user.has_right(SHARE.name)
    return ViewForm(
        request.POST if request.method == "POST" else None,
        may_share=may_share,
        roles=role_list() if may_share else (),
        initial=initial,
    )


def _initial(view: SavedView, user: User) -> dict[str, Any]:
    choice = choice_of(user, view.object)
    roles = RoleView.objects.filter(view=view).values_list("role__public_id", flat=True)
    return {
        "name": view.name,
        "is_shared": view.is_shared,
        "is_pinned": view.pk in choice.pinned,
        "opens": view.pk == choice.opens,
        "roles": [str(each) for each in roles],
    }


def _change(request: HttpRequest, view: SavedView, form: ViewForm, opened: Opened) -> bool:
    """Keep the name, what is asked where that is something else, and what the form says besides."""
    try:
        with transaction.atomic():
            actions.change_view(
                view, name=form.cleaned_data["name"], asked=asked_in(opened.asked) if opened.is_changed else None,
                by=staff_user(request), now=utc_now(), request=request,
            )  # fmt: skip
            _settle(request, view, form)
    except actions.ViewRefused as refusal:
        form.add_error("name", str(refusal))
        return False
    return True


def _settle(request: HttpRequest, view: SavedView, form: ViewForm) -> None:
    """Whose tab it is, what opens with it, and who else has it."""
    user, values = staff_user(request), form.cleaned_data
    choice = choice_of(user, view.object)
    if values["is_pinned"] != (view.pk in choice.pinned):
        actions.pin_view(view, values["is_pinned"], by=user, request=request)
    if values["opens"] and choice.opens != view.pk:
        actions.open_with(view.object, view, by=user, request=request)
    elif not values["opens"] and choice.opens == view.pk:
        actions.open_with(view.object, None, by=user, request=request)
    if "is_shared" in values:
        roles = [each for each in role_list() if str(each.public_id) in values["roles"]]
        if not roles:
            actions.set_roles(view, (), by=user, request=request)
        actions.set_shared(view, values["is_shared"], by=user, request=request)
        if roles:
            actions.set_roles(view, roles, by=user, request=request)


def _said(listed: ExportedList, opened: Opened) -> dict[str, Any]:
    """What a view asks, in words."""
    return {
        "listed": listed,
        "asked": opened.asked,
        "columns": [each.field for each in opened.columns],
        "left_out": opened.left_out,
    }


def _roles_by_view(object_name: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for each in RoleView.objects.filter(object=object_name).select_related("role").order_by("role__name"):
        found.setdefault(each.view_id, []).append(each.role.name)
    return found

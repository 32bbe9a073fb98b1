"""Settings: the fields of each object, what a role sees of them, and the own fields of one record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import Grip, SharedOnly, find_or_404, gripping, staff_only, staff_user
from rapport.accounts.queries import business_currency
from rapport.core.clock import utc_now
from rapport.records.custom_fields import actions
from rapport.records.custom_fields.declaring import CustomObject, custom_objects
from rapport.records.custom_fields.forms import FieldForm, FillingsForm
from rapport.records.custom_fields.inputs import ValuesForm
from rapport.records.custom_fields.mapping import FileColumn, column_of, fillings, make_fields, take_column
from rapport.records.custom_fields.queries import custom_field_or_404
from rapport.records.imports.actions import NotReady, answer_import, plan_of
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.forms import answers_from
from rapport.records.imports.planning import AnswerInvalid
from rapport.records.layouts.sight import hidden_names, visible_custom_fields
from rapport.records.models import CustomField, Import, ImportState
from rapport.records.permissions import FIELDS, IMPORT
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

FORM_METHODS = ["GET", "HEAD", "POST"]
OF_ALL = "all"


def object_asked(request: HttpRequest) -> CustomObject:
    """The object that the address names, the first one where it names none; else 404."""
    known = custom_objects()
    name = request.GET.get("object", "") or next(iter(known), "")
    if name not in known:
        raise Http404
    return known[name]


def fields_url(of: str) -> str:
    return f"{reverse('fields')}?object={of}"


def object_tabs(current: CustomObject, url_of: Any = fields_url) -> list[tuple[Any, str, bool]]:
    return [(each.label, url_of(each.name), each.name == current.name) for each in custom_objects().values()]


@staff_only(FIELDS)
@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """The fields of one object: those in use in their order, and below them the archived ones."""
    of = object_asked(request)
    rows = list(CustomField.objects.filter(object=of.name).order_by("position", "pk"))
    context = {
        "of": of,
        "tabs": object_tabs(of),
        "live": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
    }
    return render_page(request, "records/fields.html", context)


@staff_only(FIELDS)
@require_http_methods(FORM_METHODS)
def new_field(request: HttpRequest) -> HttpResponse:
    of = object_asked(request)
    column = _column_asked(request)
    initial = {"label": column.label, "kind": column.kind} if column is not None else {}
    form = FieldForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        details = dict(form.cleaned_data)
        details["choices"] = actions.choices_from(form.choice_labels, [])
        try:
            made = actions.add_field(of.name, by=staff_user(request), request=request, **details)
        except actions.FieldRefused as refusal:
            form.add_error(refusal.about, str(refusal))
        else:
            toast(request, _("The field %(label)s is there now.") % {"label": made.label})
            if column is not None:
                take_column(column, made)
                return HttpResponseRedirect(reverse("import", args=[column.job.public_id]))
            return HttpResponseRedirect(fields_url(of.name))
    context = {"form": form, "of": of, "field": None, "column": column}
    return render_page(request, "records/field.html", context, status=422 if form.errors else 200)


def _column_asked(request: HttpRequest) -> FileColumn | None:
    """The column of a file that the field is made for, where the address names one."""
    wanted, place = request.GET.get("import", ""), request.GET.get("column", "")
    if not wanted:
        return None
    try:
        public_id, position = uuid.UUID(wanted), int(place[:6])
    except ValueError as error:
        raise Http404 from error
    user = staff_user(request)
    if not user.has_right(IMPORT.name):
        raise Http404
    job: Import = find_or_404(Import.objects.all(), user, public_id=public_id)
    try:
        column = column_of(job, position)
    except (FileRefused, AnswerInvalid) as error:
        raise Http404 from error
    if column is None:
        raise Http404
    return column


@staff_only(FIELDS)
@require_POST
def field_for_column(request: HttpRequest, public_id: Any) -> HttpResponse:
    """From the page of an import: keep its answers, and go to the page that makes a field of one of its columns."""
    user = staff_user(request)
    if not user.has_right(IMPORT.name):
        raise Http404
    job: Import = find_or_404(Import.objects.all(), user, public_id=public_id)
    place = request.POST.get("make_field", "")
    back = HttpResponseRedirect(reverse("import", args=[job.public_id]))
    if job.state != ImportState.DRAFT or not (place.isdecimal() or place == OF_ALL):
        return back
    try:
        answer_import(job, answers_from(request.POST, job), by=user)
        if place == OF_ALL:
            return HttpResponseRedirect(reverse("import_fields", args=[job.public_id]))
        column = column_of(job, int(place[:6]))
    except (FileRefused, AnswerInvalid, NotReady) as refusal:
        toast(request, str(refusal), bad=True)
        return back
    if column is None:
        return back
    query = urlencode({"object": column.object, "import": str(job.public_id), "column": column.position})
    return HttpResponseRedirect(f"{reverse('field_new')}?{query}")


@staff_only(FIELDS)
@require_http_methods(FORM_METHODS)
def fields_for_columns(request: HttpRequest, public_id: Any) -> HttpResponse:
    """The columns of an import that nothing takes, and of which kind the fields would be that they fill; then make them."""
    user = staff_user(request)
    if not user.has_right(IMPORT.name):
        raise Http404
    job: Import = find_or_404(Import.objects.all(), user, public_id=public_id)
    back = HttpResponseRedirect(reverse("import", args=[job.public_id]))
    if job.state != ImportState.DRAFT:
        return back
    try:
        plan = plan_of(job)
        offered = fillings(plan, hidden=hidden_names(user, plan.importer.object)) if plan.importer else []
    except (FileRefused, AnswerInvalid):
        return back
    if plan.importer is None or not offered:
        return back
    form = FillingsForm(request.POST if request.method == "POST" else None, offered=offered)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_fields(job, plan, by=user, request=request, chosen=form.chosen)
        except (actions.FieldRefused, AnswerInvalid, NotReady) as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _made_words(made))
            return back
    context = {"job": job, "form": form, "offered": form.rows, "of": custom_objects()[plan.importer.object]}
    return render_page(request, "records/import_fields.html", context, status=422 if form.errors else 200)


def _made_words(made: Sequence[CustomField]) -> str:
    if not made:
        return _("The columns fill fields that are there.")
    return ngettext("%(count)s field is there now.", "%(count)s fields are there now.", len(made)) % {
        "count": len(made)
    }


@staff_only(FIELDS)
@require_http_methods(FORM_METHODS)
def field(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = custom_field_or_404(public_id)
    form = FieldForm.of(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        details = dict(form.cleaned_data)
        if "choices" in details:
            details["choices"] = actions.choices_from(form.choice_labels, found.choices)
        try:
            actions.change_field(found, by=staff_user(request), request=request, **details)
        except actions.FieldRefused as refusal:
            form.add_error(refusal.about, str(refusal))
        else:
            toast(request, _("Saved."))
            return HttpResponseRedirect(fields_url(found.object))
    context = {"form": form, "of": custom_objects()[found.object], "field": found}
    return render_page(request, "records/field.html", context, status=422 if form.errors else 200)


@staff_only(FIELDS)
@require_POST
def archive_field(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = custom_field_or_404(public_id)
    actions.archive_field(found, by=staff_user(request), now=utc_now(), request=request)
    toast(
        request,
        _("The field %(label)s is archived. Its values are kept.") % {"label": found.label},
        undo_url=reverse("field_restore", args=[found.public_id]),
    )
    return HttpResponseRedirect(fields_url(found.object))


@staff_only(FIELDS)
@require_POST
def restore_field(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = custom_field_or_404(public_id)
    try:
        actions.restore_field(found, by=staff_user(request), request=request)
    except actions.FieldRefused as refusal:
        toast(request, str(refusal), bad=True)
    else:
        toast(request, _("The field %(label)s is back with its values.") % {"label": found.label})
    return HttpResponseRedirect(fields_url(found.object))


@staff_only(FIELDS)
@require_POST
def move_field(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = custom_field_or_404(public_id)
    actions.move_field(found, up=request.POST.get("to") == "up", by=staff_user(request), request=request)
    return HttpResponseRedirect(fields_url(found.object))


@staff_only()
@require_http_methods(FORM_METHODS)
def values(request: HttpRequest, object_name: str, public_id: Any) -> HttpResponse:
    """Type the own fields of one record of an object that has no form of its own."""
    user = staff_user(request)
    of = custom_objects().get(object_name)
    if of is None or of.find is None or of.write is None:
        raise Http404
    if not user.has_right(of.view_right):
        raise Http404
    record = of.find(user, public_id)
    if record is None:
        raise Http404
    if not user.has_right(of.edit_right):
        raise PermissionDenied
    with gripping(user, Grip.CHANGE):
        if of.find(user, public_id) is None:
            raise SharedOnly
    definitions = visible_custom_fields(user, of.name)
    form = ValuesForm(request.POST if request.method == "POST" else None, definitions=definitions, values=record.values)
    clashes: list[str] = []
    if form.is_valid():
        changed, opened = form.changed, form.opened
        clashes = [
            each.label
            for each in definitions
            if each.name in changed and each.name in opened and record.values.get(each.name) != opened[each.name]
        ]
        if not clashes:
            if changed:
                of.write(record.key, changed, user, utc_now(), request)
                toast(request, _("Saved."))
            return HttpResponseRedirect(record.url)
        form = ValuesForm(definitions=definitions, values=record.values)
    context = {"form": form, "of": of, "record": record, "clashes": clashes, "currency": business_currency()}
    status = 409 if clashes else 422 if form.errors else 200
    return render_page(request, "records/values.html", context, status=status)

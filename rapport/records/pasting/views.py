"""The page where a block of cells is pasted into a list: what it would change is shown before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.accounts.access import Grip, gripping, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.bulk.acts import Selectable
from rapport.records.bulk.narrowing import keys_by_id
from rapport.records.bulk.selecting import selectables
from rapport.records.exporting.lists import exported_lists
from rapport.records.imports import actions
from rapport.records.imports.converting import take_in
from rapport.records.imports.decoding import FileRefused
from rapport.records.lists.editing import editable_fields
from rapport.records.lists.querying import ListedObject, fetch_page, refuses_unknown_fields
from rapport.records.pasting.block import Pasted, Target, Written, draft_paste, plan_paste
from rapport.records.pasting.cells import COMMA, MOST_LETTERS, SEMICOLON, TAB, BlockRefused, read_block
from rapport.records.permissions import IMPORT
from rapport.records.registry import UnknownField
from rapport.records.saved_views.opening import open_list
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

_SHOWN = 200
_LONGEST_NAMES = 200_000


class PasteForm(forms.Form):
    """The block, where it begins, and how it is written. `rows` and `columns` are those of the list from its first on."""

    text = forms.CharField(
        label=gettext_lazy("What was copied"), max_length=MOST_LETTERS, strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("Cells of a spreadsheet, or lines of text. Empty cells empty their fields."),
    )  # fmt: skip
    rows = forms.CharField(max_length=_LONGEST_NAMES, widget=forms.HiddenInput)
    columns = forms.CharField(max_length=_LONGEST_NAMES, widget=forms.HiddenInput)
    fills = forms.BooleanField(required=False, widget=forms.HiddenInput)
    first_row = forms.ChoiceField(label=gettext_lazy("Into the row of"), required=False)
    first_column = forms.ChoiceField(label=gettext_lazy("From the column"), required=False)
    separator = forms.ChoiceField(
        label=gettext_lazy("Between cells stands"), required=False,
        choices=[(TAB, gettext_lazy("a tab, as from a spreadsheet")), (SEMICOLON, ";"), (COMMA, ",")],
    )  # fmt: skip
    dates = forms.ChoiceField(
        label=gettext_lazy("Days are written"), required=False,
        choices=[("ymd", gettext_lazy("2026-12-31")), ("dmy", gettext_lazy("31.12.2026")), ("mdy", gettext_lazy("12/31/2026"))],
    )  # fmt: skip
    decimal = forms.ChoiceField(
        label=gettext_lazy("Before decimals stands"), required=False,
        choices=[(".", gettext_lazy("a point: 1,234.5")), (",", gettext_lazy("a comma: 1.234,5"))],
    )  # fmt: skip

    def __init__(
        self, *args: Any, row_names: list[tuple[str, str]], column_names: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("first_row", row_names), ("first_column", column_names)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    @property
    def target(self) -> Target:
        """From the chosen cell on."""
        values = self.cleaned_data
        rows = _from(values["rows"].split(","), values["first_row"])
        columns = _from(values["columns"].split(","), values["first_column"])
        return Target(rows, columns, fills=values["fills"])

    @property
    def written(self) -> Written:
        return Written(self.cleaned_data["dates"] or "ymd", self.cleaned_data["decimal"] or ".")


@staff_only()
@require_http_methods(["GET", "HEAD", "POST"])
@refuses_unknown_fields
def paste(request: HttpRequest, object_name: str) -> HttpResponse:
    """Look at a block; what it would change is written down as a draft, which the page begins."""
    user = staff_user(request)
    selectable = selectables().get(object_name)
    if selectable is None or not user.has_right(selectable.right) or object_name not in exported_lists():
        raise Http404
    if not editable_fields(user, object_name):
        raise Http404
    with gripping(user, Grip.CHANGE):
        of = exported_lists()[object_name].of(user)
        if request.method != "POST":
            return _show(request, selectable, of, _blank(request, of, selectable, user=user))
        return _look(request, selectable, of, user=user)


def _look(request: HttpRequest, selectable: Selectable, of: ListedObject, *, user: User) -> HttpResponse:
    form = _filled(request, of, selectable, user=user)
    if not form.is_valid():
        return _show(request, selectable, of, form, status=422)
    target, fields = form.target, of.fields_for(user)
    if not set(target.columns) <= set(fields):
        raise UnknownField(_("There is no such column."))
    try:
        block = read_block(form.cleaned_data["text"], form.cleaned_data["separator"] or TAB)
        if "as_new" in request.POST and user.has_right(IMPORT.name):
            return _as_new(request, form.cleaned_data["text"])
    except BlockRefused as refusal:
        form.add_error("text", str(refusal))
        return _show(request, selectable, of, form, status=422)
    pasted = plan_paste(block, target, selectable, columns=fields, written=form.written, user=user)
    run = draft_paste(pasted, target, selectable, by=user, now=utc_now()) if pasted.wanted else None
    return _show(request, selectable, of, form, pasted=pasted, run=run)


def _as_new(request: HttpRequest, text: str) -> HttpResponse:
    """The block as a file of new records: the import shows how it is understood before anything is written."""
    stored = take_in([text.encode(errors="replace")], at_most=MOST_LETTERS * 4)
    job = actions.begin_import(stored, file_name=_("pasted") + ".tsv", by=staff_user(request), now=utc_now())
    try:
        actions.answer_import(job, {})
    except FileRefused as refusal:
        actions.note_failure(job, refusal.in_words(_))
    return HttpResponseRedirect(reverse("import", args=[job.public_id]))


def _show(
    request: HttpRequest,
    selectable: Selectable,
    of: ListedObject,
    form: PasteForm,
    *,
    pasted: Pasted | None = None,
    run: Any = None,
    status: int = 200,
) -> HttpResponse:
    user = staff_user(request)
    context = {
        "selectable": selectable, "form": form, "pasted": pasted, "run": run, "shown": _SHOWN,
        "back": reverse(selectable.url_name), "may_import": user.has_right(IMPORT.name),
        "columns": [str(each.label) for each in editable_fields(user, of.name).values()],
    }  # fmt: skip
    if pasted is not None and not pasted.wanted:
        toast(request, _("Nothing would change."))
    return render_page(request, "records/pasting.html", context, status=status)


def _blank(request: HttpRequest, of: ListedObject, selectable: Selectable, *, user: User) -> PasteForm:
    """For the rows and columns of the list as its address asks it."""
    opened = open_list(request.GET, of, user=user)
    rows = [str(row.public_id) for row in fetch_page(opened.asked, columns=()).rows]
    columns = [column.field.name for column in opened.columns]
    typed = editable_fields(user, of.name)
    columns += [name for name in typed if name not in columns and not any(each in typed for each in columns)]
    return _form(None, rows, columns, of, selectable, user=user)


def _filled(request: HttpRequest, of: ListedObject, selectable: Selectable, *, user: User) -> PasteForm:
    rows, columns = (request.POST.get(name, "")[:_LONGEST_NAMES].split(",") for name in ("rows", "columns"))
    return _form(request.POST, rows, columns, of, selectable, user=user)


def _form(
    data: Any, rows: list[str], columns: list[str], of: ListedObject, selectable: Selectable, *, user: User
) -> PasteForm:
    known = keys_by_id(of, rows, user=user)
    names = selectable.names(user, [(key,) for key in known.values()]) if selectable.names is not None else {}
    row_names = [
        (row, names.get((known[row],), (_("Row %(number)s") % {"number": place}, ""))[0])
        for place, row in enumerate(rows, start=1)
        if row in known
    ]
    fields, typed = of.fields_for(user), editable_fields(user, of.name)
    column_names = [(name, str(fields[name].label)) for name in columns if name in fields]
    first = next((name for name, _label in column_names if name in typed), "")
    initial = {"rows": ",".join(rows), "columns": ",".join(columns), "first_column": first}
    return PasteForm(data, initial=initial, row_names=row_names, column_names=column_names)


def _from(names: list[str], first: str) -> list[str]:
    return names[names.index(first) :] if first in names else names

"""Form fields for the values of fields of one's own: what any form of a record takes in, and how it is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.core.money import MoneyInvalid, to_micros
from rapport.records.custom_fields.declaring import (
    LONGEST_LINK,
    LONGEST_TEXT,
    CustomDefinition,
    as_typed,
    has_value,
    plain_number,
)
from rapport.records.imports.values import is_web_address
from rapport.records.registry import FieldKind

_LARGEST = Decimal(10) ** 12
_DECIMALS = 6


class WebAddressField(forms.CharField):
    """An address of the web; one without a scheme is taken as https."""

    widget = forms.URLInput

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        if text and "://" not in text and ":" not in text.split("/", 1)[0]:
            text = f"https://{text}"
        return text

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_web_address(value):
            raise forms.ValidationError(_("Write a web address, such as https://crm.example.com."))


class AmountField(forms.DecimalField):
    """An amount in the business's own currency, kept as micros."""

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        if amount is None:
            return None
        try:
            return to_micros(amount)
        except MoneyInvalid as error:
            raise forms.ValidationError(_("Write an amount with at most six decimals.")) from error


class YesOrNoField(forms.ChoiceField):
    """Yes, no, or nothing said."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("", "—"), ("yes", _("yes")), ("no", _("no"))], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value

    def clean(self, value: Any) -> Any:
        return {"yes": True, "no": False}.get(super().clean(value))


def form_fields(definitions: Sequence[CustomDefinition], values: Mapping[str, Any]) -> dict[str, forms.Field]:
    """A form field for each of the definitions, filled with what the record holds."""
    return {each.name: _form_field(each, values.get(each.name)) for each in definitions}


def add_custom_fields(
    form: forms.Form, definitions: Sequence[CustomDefinition], values: Mapping[str, Any], *, remember: bool = False
) -> None:
    """Append them to a form of a room's own; with `remember`, what they held goes with the form, to see what was changed."""
    for name, field in form_fields(definitions, values).items():
        field.show_hidden_initial = remember
        form.fields[name] = field


def custom_values(form: forms.Form, definitions: Sequence[CustomDefinition]) -> dict[str, Any]:
    """What was typed into them, as it is kept; None where nothing was."""
    return {
        each.name: as_kept(each, form.cleaned_data.get(each.name)) for each in definitions if each.name in form.fields
    }


def opened_values(form: forms.Form, definitions: Sequence[CustomDefinition]) -> dict[str, Any]:
    """What the form held when it was opened, as far as it says so."""
    found = {}
    for each in definitions:
        field = form.fields.get(each.name)
        name = f"initial-{each.name}"
        if field is None or (name not in form.data and each.kind is not FieldKind.CHOICES):
            continue
        with suppress(forms.ValidationError):
            field_required, field.required = field.required, False
            try:
                raw = _several_sent(form.data, name) if each.kind is FieldKind.CHOICES else form.data[name]
                found[each.name] = as_kept(each, field.clean(raw))
            finally:
                field.required = field_required
    return found


def _several_sent(data: Any, name: str) -> list[str]:
    """Nothing chosen is not sent at all."""
    return data.getlist(name) if hasattr(data, "getlist") else list(data.get(name) or [])


def as_kept(definition: CustomDefinition, value: Any) -> Any:
    """A cleaned value as `custom` keeps it, or None."""
    if not has_value(value):
        return None
    if definition.kind is FieldKind.NUMBER:
        return plain_number(value)
    if definition.kind is FieldKind.DATE:
        return value.isoformat() if isinstance(value, date) else str(value)
    if definition.kind is FieldKind.CHOICES:
        order = {each.value: place for place, each in enumerate(definition.choices)}
        return sorted(set(value), key=lambda each: order.get(each, len(order)))
    return value


class ValuesForm(forms.Form):
    """The own fields of one record, where its room has no form for it."""

    def __init__(self, data: Any = None, *, definitions: Sequence[CustomDefinition], values: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.definitions = definitions
        add_custom_fields(self, definitions, values, remember=True)

    @property
    def changed(self) -> dict[str, Any]:
        """The fields in which something else stands than when the form was opened."""
        opened, typed = opened_values(self, self.definitions), custom_values(self, self.definitions)
        return {name: value for name, value in typed.items() if name not in opened or opened[name] != value}

    @property
    def opened(self) -> dict[str, Any]:
        return opened_values(self, self.definitions)


def _form_field(definition: CustomDefinition, held: Any) -> forms.Field:
    shared: dict[str, Any] = {
        "label": definition.label,
        "help_text": definition.help_text,
        "required": definition.is_required,
        "initial": as_typed(definition, held),
    }
    field = _MAKERS[definition.kind](definition, held, shared)
    field.widget.attrs.setdefault("autocomplete", "off")
    return field


def _text(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=LONGEST_TEXT, **shared)


def _number(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return forms.DecimalField(
        max_digits=18, decimal_places=_DECIMALS, min_value=-_LARGEST, max_value=_LARGEST,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}), **shared,
    )  # fmt: skip


def _amount(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return AmountField(
        max_digits=18, min_value=-_LARGEST, max_value=_LARGEST, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        **shared,
    )  # fmt: skip


def _date(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **shared)


def _choice(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[("", "—"), *definition.offered(held)], **shared)


def _choices(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=definition.offered(held), widget=forms.CheckboxSelectMultiple, **shared
    )  # fmt: skip


def _boolean(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return YesOrNoField(**shared)


def _link(definition: CustomDefinition, held: Any, shared: dict[str, Any]) -> forms.Field:
    return WebAddressField(max_length=LONGEST_LINK, **shared)


_MAKERS: dict[FieldKind, Callable[[CustomDefinition, Any, dict[str, Any]], forms.Field]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _amount,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.LINK: _link,
}

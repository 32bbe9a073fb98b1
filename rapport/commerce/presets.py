"""Files that Rapport has written of its own products and orders, known by the header of their ids."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.presets import Preset

_AS_WE_WRITE = {"dates": "ymd", "decimal": "."}

OUR_PRODUCTS = Preset(
    name="rapport-products",
    label=_("products as Rapport exports them"),
    importer="products",
    told_by=("rapport product id",),
    at_least=1,
    source="Spreadsheet",
    is_ours=True,
    answers=_AS_WE_WRITE,
)

PRESETS = (OUR_PRODUCTS,)

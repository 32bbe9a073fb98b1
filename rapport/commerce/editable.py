"""What of orders and products can be written from their lists: fields of the business's own."""

from rapport.commerce.lists import PRODUCTS, orders_for
from rapport.commerce.own_fields import CUSTOM_OBJECTS
from rapport.records.lists.editing import edit_own_fields

_LISTS = {"product": lambda user: PRODUCTS, "order": orders_for}

EDITABLES = tuple(edit_own_fields(each, _LISTS[each.name]) for each in CUSTOM_OBJECTS)

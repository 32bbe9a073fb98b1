"""What other rooms make of a list as it is narrowed: they list it in list_uses.LIST_USES, and its menu offers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from rapport.core.rooms import contributions

if TYPE_CHECKING:
    from rapport.accounts.models import User

USE = "use"


@dataclass(frozen=True)
class ListUse:
    """A page that is told what a list is asked. The filter builder leads there too, by `button`, where it was opened for it.

    The builder is then called `heading`, and stands below the page `home`, whose name is `home_label`. The page is told
    what it `says` besides; whoever has the list may use it where it names no `right`.
    """

    object: str
    label: str | Promise
    url_name: str
    right: str
    button: str | Promise
    heading: str | Promise
    home: str
    home_label: str | Promise
    says: tuple[tuple[str, str], ...] = ()


def uses_for(user: User, object_name: str) -> list[ListUse]:
    found = contributions("list_uses", "LIST_USES", ListUse)
    return [each for each in found if each.object == object_name and (not each.right or user.has_right(each.right))]


def find_use(user: User, object_name: str, url_name: str) -> ListUse | None:
    return next((each for each in uses_for(user, object_name) if each.url_name == url_name), None)

"""The Jinja2 environment of all pages: autoescaping, translations, components, icons, formats."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.templatetags.static import static
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from lucide.jinja import lucide

from rapport.ui import formats
from rapport.ui.names import initials


class Components:
    """The macros of ui/components.html as `ui.<name>(…)`, in every template and in every block rendered alone."""

    def __init__(self, env: Environment) -> None:
        self._env = env

    @cached_property
    def _macros(self) -> Any:
        return self._env.get_template("ui/components.html").module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._macros, name)


def environment(**options: Any) -> Environment:
    options["undefined"] = StrictUndefined
    options["extensions"] = ["jinja2.ext.i18n", "jinja2.ext.do"]
    options["trim_blocks"] = options["lstrip_blocks"] = True
    env = Environment(**options)  # noqa: S701 - Django's backend sets autoescape=True
    env.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(static=static, url=_url, icon=icon, ui=Components(env), part=part)
    env.filters.update(formats.FILTERS, initials=initials)
    return env


@cache
def icon(name: str, *, size: int = 16, label: str = "") -> str:
    """A drawing of the Lucide set; without a label it is decoration that screen readers skip."""
    said = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return lucide(name, size=size, **{"class": "icon"}, **said)


@pass_context
def part(context: Context, template: str, values: dict[str, Any]) -> TemplateModule:
    """Another template with values of its own beside the page's: `{{ part(panel.template, values) }}`."""
    return context.environment.get_template(template).make_module({**context.get_all(), **values})


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    if kwargs or not all(isinstance(arg, UUID) for arg in args):
        return reverse(name, args=args, kwargs=kwargs)
    return _address(name, len(args), get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()).format(*args)


@cache
def _address(name: str, count: int, urlconf: str, prefix: str) -> str:
    """The address of records of a name, with places for their ids: a list writes hundreds of them."""
    ids = [UUID(int=place) for place in range(count)]
    address = reverse(name, urlconf=urlconf, args=ids)
    for place, each in enumerate(ids):
        address = address.replace(str(each), f"{{{place}}}")
    return address

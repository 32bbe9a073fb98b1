"""Rules for templates: they compile, hold no inline code and no unsafe output, and every plain page answers.

That each is rendered by some test is judged at the end of a whole run: tests/rendered_templates.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.template.backends.jinja2 import Jinja2

from tests.browser.pages import plain_paths
from tests.rendered_templates import PACKAGE, all_templates

SOURCES = {
    str(file.relative_to(folder)): file
    for folder in PACKAGE.glob("*/templates")
    for file in folder.rglob("*.html")
}  # fmt: skip
INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)
HANDLER = re.compile(r"<[^>]*\son(click|change|submit|load|input|key\w+|mouse\w+)\s*=", re.IGNORECASE)
UNSAFE = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\(")
EXPRESSION = re.compile(r"{{.*?}}", re.DOTALL)
TAG = re.compile(r"<!?/?[a-zA-Z][^>]*>")
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
SPOKEN = re.compile(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")
WORD = re.compile(r"[A-Za-z]{3,}")
NAMES = {"Rapport", "nbsp"}
JINJA = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)
SHOWS_SAMPLES = {"ui/gallery.html"}


@pytest.mark.parametrize("name", sorted(all_templates()))
def test_every_template_compiles(name: str) -> None:
    environment = next(engine.env for engine in engines.all() if isinstance(engine, Jinja2))

    environment.compile(environment.loader.get_source(environment, name)[0], name)


@pytest.mark.parametrize("rule", [INLINE_STYLE, INLINE_SCRIPT, HANDLER, UNSAFE], ids=["style", "script", "on…", "safe"])
def test_no_template_holds(rule: re.Pattern[str]) -> None:
    assert {name for name, file in SOURCES.items() if rule.search(_markup(file, rule))} == set()


def _markup(file: Path, rule: re.Pattern[str]) -> str:
    """The HTML alone; for the rule about unsafe output, with what Jinja does between."""
    return file.read_text() if rule is UNSAFE else JINJA.sub("", file.read_text())


def test_every_visible_word_can_be_translated() -> None:
    found = {name: words for name, file in SOURCES.items() if name not in SHOWS_SAMPLES
             and (words := untranslated(file.read_text()))}  # fmt: skip

    assert found == {}


def untranslated(template: str) -> list[str]:
    """Words between the tags, and in attributes that are read out, that do not come out of an expression."""
    html = SCRIPT.sub("", EXPRESSION.sub("", JINJA.sub("", template)))
    spoken, text = SPOKEN.findall(html), TAG.sub(" ", html)
    return [word for word in WORD.findall(" ".join([text, *spoken])) if word not in NAMES]


def test_the_rules_find_what_they_forbid() -> None:
    assert INLINE_STYLE.search('<p class="a" style="color:red">')
    assert INLINE_SCRIPT.search("<script>alert(1)</script>")
    assert not INLINE_SCRIPT.search('<script type="module" src="/a.js"></script>')
    assert HANDLER.search('<button onclick="go()">')
    assert UNSAFE.search("{{ name|safe }}")
    assert untranslated('<p title="Not this">{{ _("but") }} nothing</p>') == ["nothing", "Not", "this"]


@pytest.mark.django_db
def test_every_plain_page_answers_the_administrator(ada: Any, as_user: Any, home: Path) -> None:
    client = as_user(ada)

    answers = {path: client.get(path).status_code for path in plain_paths()}

    assert {path: status for path, status in answers.items() if status >= 500} == {}


def test_a_theme_changes_nothing_but_colors() -> None:
    """So that of a dark page only those rules of axe are asked in the browser that ask for colors."""
    sheets = [file.read_text() for file in PACKAGE.glob("*/static/**/*.css")]
    themed = {rule.strip() for sheet in sheets for rule in re.findall(r"\[data-theme[^{]*\{([^}]*)\}", sheet)}

    assert not [sheet for sheet in sheets if "prefers-color-scheme" in sheet]
    assert themed == {"color-scheme: light;", "color-scheme: dark;"}

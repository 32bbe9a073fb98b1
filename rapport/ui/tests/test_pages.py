"""The pages of the shell, asked without a browser: gallery, search or jump, theme, shortcuts, errors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from rapport.accounts.models import User
from rapport.ui import palette
from rapport.ui.palette import PaletteSource, find_everywhere
from rapport.ui.rendering import render_page, unless_known
from rapport.ui.toasts import toast

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def request_of(user: Any, path: str = "/palette/", **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.user = user
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def test_the_gallery_shows_every_component_to_staff_only(alice: Any, as_user: Any) -> None:
    assert Client().get("/settings/gallery/").status_code == 302

    answer = as_user(alice).get("/settings/gallery/")

    assert answer.status_code == 200
    assert "Recency × frequency" in answer.text


def test_a_page_is_whole_for_a_browser_and_a_block_for_htmx(ada: Any, as_user: Any) -> None:
    whole = as_user(ada).get("/palette/", {"q": "worth"})
    block = as_user(ada).get("/palette/", {"q": "worth"}, headers=HTMX)

    assert "<html" in whole.text
    assert "<html" not in block.text
    assert block.text.strip() in whole.text
    assert "HX-Request" in whole["Vary"]


def test_the_palette_finds_only_pages_of_the_persons_role(ada: Any, rita: Any) -> None:
    def found(user: Any) -> set[str]:
        groups = find_everywhere(request_of(user), user, "staff", pages_title="Pages")
        return {str(item.label) for group in groups for item in group.found}

    assert found(ada) == {"Staff"}
    assert found(rita) == set()


@pytest.mark.parametrize(("text", "pages"), [("your pro", 1), ("pro", 2), ("rofile", 0), ("", 5)])
def test_a_page_is_found_by_the_beginning_of_its_words(alice: Any, text: str, pages: int) -> None:
    groups = find_everywhere(request_of(alice), alice, text, pages_title="Pages")

    found = [str(item.label) for group in groups for item in group.found if group.title == "Pages"]

    assert len(found) >= pages if not text else len(found) == pages


def test_the_palette_asks_what_rooms_contribute_and_keeps_to_rights(
    rita: Any, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [
        PaletteSource("Ships", lambda request, text: [(f"{text} {number}", "", "/") for number in range(20)]),
        PaletteSource("Secrets", lambda request, text: [("treasure", "", "/")], right="accounts.administer"),
    ]
    monkeypatch.setattr(palette, "contributions", lambda *arguments: iter(sources))

    titles = [[group.title for group in find_everywhere(request_of(user), user, "ship", pages_title="Pages")]
              for user in (rita, ada)]  # fmt: skip
    ships = find_everywhere(request_of(rita), rita, "ship", pages_title="Pages")[0]

    assert titles == [["Ships"], ["Ships", "Secrets"]]
    assert len(ships.found) == palette.AT_MOST


def test_a_name_with_markup_is_shown_as_text(ada: Any, as_user: Any) -> None:
    answer = as_user(ada).get("/palette/", {"q": "<img src=x onerror=alert(1)>"})

    assert "<img" not in answer.text
    assert "&lt;img" in answer.text


def test_a_theme_is_kept_with_the_person_and_in_a_cookie(alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    answer = client.post("/settings/theme/", {"theme": "dark", "next": "/settings/gallery/"})

    assert answer["Location"] == "/settings/gallery/"
    assert User.objects.get(pk=alice.pk).theme == "dark"
    assert answer.cookies["theme"].value == "dark"
    assert 'data-theme="dark"' in client.get("/settings/gallery/").text


def test_an_unknown_theme_is_refused(alice: Any, as_user: Any) -> None:
    assert as_user(alice).post("/settings/theme/", {"theme": "pink"}).status_code == 400
    assert User.objects.get(pk=alice.pk).theme == ""


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_theme_never_leads_to_another_site(alice: Any, as_user: Any, target: str) -> None:
    assert as_user(alice).post("/settings/theme/", {"theme": "dark", "next": target})["Location"] == "/"


def test_shortcuts_can_be_turned_off_and_on(alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    client.post("/settings/shortcuts/", {"shortcuts": "off"})
    off = client.get("/settings/gallery/").text
    client.post("/settings/shortcuts/", {"shortcuts": "on"})
    on = client.get("/settings/gallery/").text

    assert 'data-shortcuts="off"' in off
    assert 'data-shortcuts="on"' in on


def test_the_menu_marks_the_page_one_is_on(ada: Any, as_user: Any) -> None:
    page = as_user(ada).get("/settings/staff/").text

    assert page.count('aria-current="page"') == 1
    assert 'href="/settings/staff/" aria-current="page"' in page


def test_what_was_done_is_said_on_the_page_and_after_a_fragment(ada: Any) -> None:
    def answer(**headers: str) -> HttpResponse:
        request = request_of(ada, **headers)
        toast(request, "Moved to <b>North</b>.", undo_url="/undo/1/")
        toast(request, "The rest failed.", bad=True)
        return render_page(request, "ui/palette.html", {"text": "", "groups": []}, block="results")

    for text in (answer().content.decode(), answer(**HTMX).content.decode()):
        assert "Moved to &lt;b&gt;North&lt;/b&gt;." in text
        assert 'action="/undo/1/"' in text
        assert '<div class="toast bad"' in text
    assert 'hx-swap-oob="beforeend:#toasts"' in answer(**HTMX).content.decode()


def test_a_poll_that_has_the_newest_gets_nothing(ada: Any) -> None:
    def answer(**headers: str) -> HttpResponse:
        request = request_of(ada, **HTMX, **headers)
        return unless_known(
            request, render_page(request, "ui/palette.html", {"text": "", "groups": []}, block="results")
        )

    first = answer()
    second = answer(**{"If-None-Match": first["ETag"]})

    assert first.status_code == 200
    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])


def test_a_toast_waits_for_whoever_it_is_for(ada: Any) -> None:
    request = request_of(ada)
    toast(request, "Saved.")

    assert [str(message) for message in messages.get_messages(request)] == ["Saved."]


@pytest.mark.parametrize("path", ["/nowhere/", "/customers/00000000-0000-4000-8000-000000000000/x"])
def test_what_is_not_there_is_said_in_plain_words(ada: Any, as_user: Any, path: str) -> None:
    answer = as_user(ada).get(path)

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert path not in answer.text


def test_a_missing_right_is_said_in_plain_words(rita: Any, as_user: Any) -> None:
    answer = as_user(rita).get("/settings/staff/")

    assert answer.status_code == 403
    assert "Your role does not include this" in answer.text


def test_a_form_without_its_token_changes_nothing(alice: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post("/settings/theme/", {"theme": "dark"})

    assert answer.status_code == 403
    assert "This form has expired" in answer.text
    assert User.objects.get(pk=alice.pk).theme == ""


def test_the_token_is_masked_once_for_all_forms_of_an_answer_and_anew_for_the_next(alice: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    first, second = (
        re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/settings/gallery/").text) for _ in range(2)
    )

    assert len(first) > 1
    assert len(set(first)) == len(set(second)) == 1
    assert set(first) != set(second)
    assert client.post("/settings/theme/", {"theme": "dark", "csrfmiddlewaretoken": first[0]}).status_code == 302


def test_every_answer_carries_the_policy(ada: Any, as_user: Any) -> None:
    for path in ("/settings/gallery/", "/nowhere/", "/account/login/"):
        answer = as_user(ada).get(path)

        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]

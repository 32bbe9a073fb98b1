"""The shell in a real browser: menu, search or jump, keys, themes, toasts; and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE
from tests.browser.site import Site
from tests.world import PASSWORD

SignIn = Callable[[Page, str], None]


def test_a_person_signs_in_with_e_mail_and_password(page: Page) -> None:
    page.goto("/customers/")
    page.get_by_role("textbox", name="Email").fill("alice@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.wait_for_url("**/customers/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_menu_shows_only_what_a_person_may_open(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Rita")
    page.goto("/settings/gallery/")

    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Customers", exact=True)).to_be_visible()
    expect(menu.get_by_role("link", name="Staff", exact=True)).to_have_count(0)


def test_who_one_is_and_the_way_out_stay_in_sight_on_a_low_screen_and_hide_no_focus(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page = new_page(viewport={"width": 1280, "height": 560})
    sign_in(page, "Ada")
    page.goto("/settings/profile/")
    page.wait_for_load_state()

    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    hidden = """() => {
        const foot = document.querySelector(".menu-person"), at = document.activeElement;
        const is_under = at.getBoundingClientRect().bottom > foot.getBoundingClientRect().top + 1;
        return at.closest(".menu") && !foot.contains(at) && is_under ? at.textContent.trim() : "";
    }"""
    page.locator(".find").focus()
    for _ in range(50):
        page.keyboard.press("Tab")
        assert page.evaluate(hidden) == ""
        if page.evaluate("document.activeElement.name === 'theme'"):
            break
    else:
        raise AssertionError("the menu has an end")


def test_the_skip_link_leads_to_the_page(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Alice")
    page.goto("/settings/profile/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_the_palette_finds_a_customer_by_keyboard_alone(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")

    page.keyboard.press("Control+k")
    page.keyboard.type("wrona")
    expect(page.get_by_role("option", name="Tomasz Wrona")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/customers/{site.world['customers']['Tomasz Wrona']}/")


def test_the_palette_goes_to_a_page_and_escape_gives_the_focus_back(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")
    opener = page.get_by_role("link", name="Search or jump")

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Search or jump")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("staff")
    page.keyboard.press("Enter")

    page.wait_for_url("**/settings/staff/")


def test_the_palette_says_that_nothing_was_found(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")

    page.keyboard.press("Control+k")
    page.keyboard.type("qqqqzzzz")

    expect(page.locator("#palette [role=status]")).to_have_text("Nothing found.")


def test_search_or_jump_is_a_page_without_javascript(no_js: Page, sign_in: SignIn) -> None:
    sign_in(no_js, "Ada")
    no_js.goto("/settings/gallery/")

    no_js.get_by_role("link", name="Search or jump").click()
    no_js.get_by_role("searchbox").fill("wrona")
    no_js.get_by_role("button", name="Search").click()

    expect(no_js.get_by_role("link", name="Tomasz Wrona")).to_be_visible()


def test_single_keys_go_help_and_walk_the_rows(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search customers")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.get_by_role("searchbox", name="Search customers")).to_have_value("jk?")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".row-link").first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("tbody .select input").first).to_be_checked()
    page.keyboard.press("g")
    page.keyboard.press("c")

    page.wait_for_url("**/customers/")


def test_single_keys_can_be_turned_off(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")
    page.keyboard.press("?")
    page.get_by_role("button", name="Turn single-key shortcuts off").click()
    page.wait_for_url("**/settings/gallery/")
    expect(page.locator("body")).to_have_attribute("data-shortcuts", "off")

    page.keyboard.press("?")
    page.keyboard.press("Control+k")

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Search or jump")).to_be_focused()


def test_keys_pressed_while_a_word_is_composed_do_nothing(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")

    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '?', bubbles: true, isComposing: true}))"
    )

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_have_count(0)


def test_the_theme_stays_where_the_person_goes(page: Page, new_page: Callable[..., Page], sign_in: SignIn) -> None:
    sign_in(page, "Bob")
    page.goto("/settings/gallery/")
    with page.expect_response("**/settings/theme/"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    elsewhere = new_page(java_script_enabled=False)
    sign_in(elsewhere, "Bob")
    elsewhere.goto("/settings/gallery/")

    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "dark")
    elsewhere.get_by_role("button", name="As the device").click()
    expect(elsewhere.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_a_dialog_opens_closes_and_gives_the_focus_back(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")
    opener = page.get_by_role("link", name="Open a dialog")

    opener.click()
    expect(page.get_by_role("dialog", name="A dialog")).to_be_visible()
    page.get_by_role("button", name="Close").first.click()

    expect(page.get_by_role("dialog", name="A dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_refused_form_begins_at_its_list_of_mistakes(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")

    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="E-mail: Enter a valid email address.").click()

    expect(page.locator("#wrong_email")).to_be_focused()


def test_selected_rows_are_counted_and_escape_clears_them(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")

    page.get_by_label("Select all rows").check()
    expect(page.locator("tbody .select input:checked")).to_have_count(6)
    page.keyboard.press("Escape")

    expect(page.locator("tbody .select input:checked")).to_have_count(0)


def show_toast(page: Page, *, bad: bool) -> None:
    page.evaluate(
        """bad => {
            const toast = document.getElementById("toast-failed").content.firstElementChild.cloneNode(true);
            toast.classList.toggle("bad", bad);
            document.getElementById("toasts").append(toast);
        }""",
        bad,
    )


def test_a_toast_is_said_waits_while_looked_at_and_goes(page: Page, sign_in: SignIn) -> None:
    page.clock.install()
    sign_in(page, "Ada")
    page.goto("/settings/profile/")

    show_toast(page, bad=False)
    page.clock.run_for(1_000)
    expect(page.locator("#live")).to_contain_text("That did not work")
    page.keyboard.press("F8")
    expect(page.get_by_role("region", name="Notifications").get_by_role("button", name="Close")).to_be_focused()
    page.clock.run_for(20_000)
    expect(page.locator("#toasts [data-toast]")).to_have_count(1)
    page.locator("h1").click()
    page.clock.run_for(13_000)

    expect(page.locator("#toasts [data-toast]")).to_have_count(0)


def test_a_toast_about_a_failure_stays_until_it_is_closed(page: Page, sign_in: SignIn) -> None:
    page.clock.install()
    sign_in(page, "Ada")
    page.goto("/settings/profile/")

    show_toast(page, bad=True)
    page.clock.run_for(60_000)
    page.get_by_role("region", name="Notifications").get_by_role("button", name="Close").click()

    expect(page.locator("#toasts [data-toast]")).to_have_count(0)


def test_a_poll_replaces_its_piece_and_ends_when_the_answer_says_so(page: Page, sign_in: SignIn) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.headers.get("if-none-match", ""))
        if len(asked) == 2:
            route.fulfill(status=304)
        elif len(asked) == 1:
            route.fulfill(body='<p id="p" data-poll="/poll/" data-poll-seconds="1">half</p>', headers={"ETag": '"a"'})
        else:
            route.fulfill(body='<p id="p">done</p>', content_type="text/html")

    page.route("**/poll/", answer)
    sign_in(page, "Ada")
    page.goto("/settings/profile/")
    page.evaluate(
        """() => {
            const piece = document.createElement("p");
            piece.id = "p";
            piece.dataset.poll = "/poll/";
            piece.dataset.pollSeconds = "1";
            document.getElementById("content").append(piece);
            piece.dispatchEvent(new CustomEvent("rapport:replaced", {bubbles: true}));
        }"""
    )

    expect(page.locator("#p")).to_have_text("half")
    expect(page.locator("#p")).to_have_text("done")
    assert asked == ["", '"a"', '"a"']


@pytest.mark.parametrize("path", ["/orders/", "/orders/lines/"])
def test_a_short_order_number_stays_in_one_line_and_a_long_one_in_its_cell(
    new_page: Callable[..., Page], sign_in: SignIn, path: str
) -> None:
    page = new_page(viewport={"width": 320, "height": 800})
    sign_in(page, "Ada")
    page.goto(path)
    written = """(at, number) => {
        at.textContent = number;
        const range = document.createRange();
        range.selectNodeContents(at);
        const lines = new Set([...range.getClientRects()].map(each => Math.round(each.top))).size;
        return [lines, at.scrollWidth <= at.closest("th").getBoundingClientRect().width];
    }"""
    number = page.locator("tbody th .row-link").first

    assert number.evaluate(written, "W-50797") == [1, True]
    lines, stays = number.evaluate(written, "19970101-042e93e3f69b3361")
    assert lines > 1
    assert stays


@pytest.mark.parametrize("with_javascript", [True, False])
def test_the_menu_opens_on_a_phone(new_page: Callable[..., Page], sign_in: SignIn, with_javascript: bool) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=with_javascript)
    sign_in(page, "Ada")
    page.goto("/settings/gallery/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Customers", exact=True)
    expect(link).to_have_count(0)

    page.get_by_label("Show the menu").check()
    link.click()

    page.wait_for_url("**/customers/")


def test_no_style_script_or_frame_from_elsewhere_is_allowed(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    answer = page.goto("/settings/gallery/")
    assert answer is not None

    headers = answer.headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "HX-Request" in headers["vary"]
    assert headers["cache-control"] == "no-store"


def test_styles_and_scripts_are_compressed_hashed_and_small(page: Page, sign_in: SignIn) -> None:
    """At most 30 kB of CSS and 50 kB of JavaScript over the wire, and nothing asked again for a year."""
    sign_in(page, "Ada")
    sizes: dict[str, int] = {"css": 0, "js": 0}
    page.on("requestfinished", lambda request: _weigh(request, sizes))
    page.goto("/settings/gallery/")
    page.wait_for_load_state("networkidle")

    assert 0 < sizes["css"] <= 30_000
    assert 0 < sizes["js"] <= 50_000


def _weigh(request, sizes: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    kind = request.url.rsplit(".", 1)[-1]
    if kind in sizes:
        response = request.response()
        assert "immutable" in response.headers["cache-control"], request.url
        assert response.headers.get("content-encoding") in ("br", "gzip") or request.sizes()["responseBodySize"] < 500
        sizes[kind] += request.sizes()["responseBodySize"]

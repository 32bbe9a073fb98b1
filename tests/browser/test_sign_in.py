"""Passkeys in a real browser with a virtual authenticator, set-up's hint, and settings without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.world import PASSWORD

SignIn = Callable[[Page, str], None]


@pytest.fixture
def key(page: Page) -> None:
    """A passkey device that says yes to everything."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }},
    )  # fmt: skip


def test_a_passkey_is_added_signs_in_and_is_removed(page: Page, key: None) -> None:
    sign_in_with_password(page, "bob@example.com")
    page.goto("/account/mfa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()

    page.goto("/account/mfa/webauthn/reauthenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()

    page.goto("/account/mfa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No keys yet")).to_be_visible()


def test_a_second_factor_is_asked_for_after_the_password(page: Page, key: None) -> None:
    sign_in_with_password(page, "charlie@example.com")
    page.goto("/account/mfa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    sign_out(page)
    sign_in_with_password(page, "charlie@example.com")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey or security key").click()

    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


def test_a_profile_is_saved_and_staff_are_invited_without_javascript(no_js: Page, sign_in: SignIn) -> None:
    sign_in(no_js, "Ada")
    no_js.goto("/settings/profile/")
    no_js.get_by_label("Time zone").fill("Mars")
    no_js.get_by_role("button", name="Save").click()
    expect(no_js.get_by_label("Time zone")).to_have_value("Mars")
    no_js.get_by_label("Time zone").fill("Europe/London")  # that of the business: the next test has the same days
    no_js.get_by_role("button", name="Save").click()
    expect(no_js.get_by_text("Your profile was saved.")).to_be_visible()

    no_js.goto("/settings/staff/")
    no_js.get_by_label("E-mail address").fill("nell@example.com")
    no_js.get_by_label("Role").select_option(label="Sales")
    no_js.get_by_role("button", name="Invite").click()
    link = no_js.locator("[data-one-time-link]").inner_text()

    no_js.context.clear_cookies()
    no_js.goto(link)
    no_js.get_by_label("Your name").fill("Nell Ames")
    no_js.get_by_label("Password").fill("another horse staple")
    no_js.get_by_role("button", name="Join").click()
    expect(no_js.get_by_role("heading", name="Your profile")).to_be_visible()


def test_the_browsers_time_zone_is_only_a_hint(new_page: Callable[..., Page], sign_in: SignIn) -> None:
    page = new_page(timezone_id="Asia/Tokyo")
    sign_in(page, "Alice")
    page.goto("/settings/profile/")
    expect(page.get_by_label("Time zone")).to_have_value("")

    page.get_by_role("button", name="Use it").click()

    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")


def sign_in_with_password(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_role("textbox", name="Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")

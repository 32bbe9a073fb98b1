"""A file in a real browser: from choosing it to done, a bad row mended, the whole taken back; also without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOOKS, SMALLEST, violations

SignIn = Callable[[Page, str], None]
PATIENCE = 180_000


def people(path: Path, source: str, *, bad: bool) -> Path:
    path.write_text(
        "id,name,e-mail,born\n"
        f"1,Imported {source},one.{source}@example.com,3/4/1990\n"
        f"2,Mended {source},two.{source}{' at ' if bad else '@'}example.com,5/6/1991\n"
    )
    return path


def wait_for(page: Page, place: Locator, *, reloads: bool) -> None:
    """Until the worker has done it: pages look again by themselves, without JavaScript the reader does."""
    for _ in range(PATIENCE // 500):
        if place.count():
            return
        page.wait_for_timeout(500)
        if reloads:
            page.reload()
    expect(place).to_be_visible()


def bring_in(page: Page, path: Path, source: str, *, reloads: bool) -> None:
    page.goto("/imports/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("rowheader", name="e-mail")).to_be_visible()
    page.get_by_label("Order of dates").select_option("dmy")
    page.get_by_label("Where it comes from").fill(source)
    page.get_by_role("button", name="Start the import").click()
    wait_for(page, page.get_by_role("heading", name="What came in"), reloads=reloads)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_file_comes_in_a_bad_row_is_mended_and_all_of_it_goes_again(
    page: Page, no_js: Page, sign_in: SignIn, tmp_path: Path, scripts: bool
) -> None:
    at, source = (page, "browser") if scripts else (no_js, "plain")
    sign_in(at, "Ada")

    bring_in(at, people(tmp_path / "people.csv", source, bad=True), source, reloads=not scripts)
    row = at.get_by_role("row").filter(has_text="This is not an e-mail address.")
    expect(row).to_contain_text(f"two.{source} at example.com")
    with at.expect_download() as download:
        at.get_by_role("link", name="Download to mend").click()
    mended = tmp_path / "mended.csv"
    mended.write_text(Path(download.value.path()).read_text(encoding="utf-8-sig").replace(" at example", "@example"))

    bring_in(at, mended, source, reloads=not scripts)
    at.goto(f"/customers/?q={source}")
    expect(at.get_by_role("link", name=f"Mended {source}", exact=True)).to_be_visible()
    expect(at.get_by_role("link", name=f"Imported {source}", exact=True)).to_be_visible()

    for name in ("mended.csv", "people.csv"):
        at.goto("/imports/")
        at.get_by_role("link", name=name).first.click()
        at.get_by_role("link", name="Undo the whole import").click()
        expect(at.get_by_text("becomes what it was before")).to_be_visible()
        at.get_by_role("button", name="Undo the whole import").click()
        wait_for(at, at.get_by_role("heading", name="What had come in"), reloads=not scripts)
    at.goto(f"/customers/?q={source}")
    expect(at.get_by_role("link", name=f"Mended {source}", exact=True)).to_have_count(0)


def test_every_step_of_an_import_can_be_used_by_everybody(page: Page, sign_in: SignIn, tmp_path: Path) -> None:
    sign_in(page, "Ada")
    page.goto("/imports/")
    assert not violations(page)
    page.get_by_label("File").set_input_files(people(tmp_path / "axe.csv", "axe", bad=True))
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("rowheader", name="e-mail")).to_be_visible()
    assert not violations(page)
    page.get_by_label("Order of dates").select_option("dmy")
    page.get_by_label("Where it comes from").fill("axe")
    page.get_by_role("button", name="Check the whole file").click()
    wait_for(page, page.get_by_role("heading", name="What would happen"), reloads=False)
    assert not violations(page)


def test_fields_are_made_of_all_columns_that_are_left_with_keys_alone(
    page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    path = tmp_path / "subscribers.csv"
    path.write_text(
        "id,name,e-mail,Minutes of last month,Contract until\n"
        "1,Wide One,one.wide@example.com,12.5,2026-01-31\n2,Wide Two,two.wide@example.com,7,2026-02-28\n"
    )
    sign_in(page, "Ada")
    page.goto("/imports/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_label("Where it comes from").fill("wide")
    page.get_by_role("button", name="Make fields of what is left").focus()
    page.keyboard.press("Enter")

    minutes, until = page.get_by_label("Minutes of last month becomes"), page.get_by_label("Contract until becomes")
    expect(minutes).to_have_value("number")
    expect(until).to_have_value("date")
    for scheme, viewport, rules in LOOKS.values():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        assert not violations(page, rules)
    page.set_viewport_size(SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]
    minutes.focus()
    page.keyboard.press("t")
    page.keyboard.press("Tab")
    expect(until).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("2 fields are there now.").first).to_be_visible()
    expect(page.get_by_label("Minutes of last month goes to").locator("option:checked")).to_have_text(
        "Minutes of last month"
    )
    expect(page.get_by_label("Where it comes from")).to_have_value("wide")


def test_an_encoding_is_chosen_by_its_preview(page: Page, sign_in: SignIn, tmp_path: Path) -> None:
    path = tmp_path / "korean.csv"
    path.write_bytes("id,name,email\n1,김민수,kim@example.kr\n".encode("cp949"))
    sign_in(page, "Ada")
    page.goto("/imports/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("Choose the one in which the text reads right.")).to_be_visible()
    assert not violations(page)

    page.get_by_label("cp949").check()
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("row").filter(has_text="name").filter(has_text="김민수")).to_be_visible()

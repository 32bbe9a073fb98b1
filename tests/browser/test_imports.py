"""A file in a real browser: from choosing it to done, a bad row mended, the whole taken back; also without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import violations

SignIn = Callable[[Page, str], None]
PATIENCE = 60_000


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

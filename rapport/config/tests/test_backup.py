"""Parts of a backup: the archive that notices damage, what is kept, when one is due, and the log of erasures beside it."""

from __future__ import annotations

import os
import tarfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django import app

from rapport.config import backup, jobs
from rapport.config.backup_archive import (
    ABOUT,
    DATABASE,
    About,
    ArchiveUnfit,
    extract_home,
    member,
    new_archive,
    read_about,
    verify,
)
from rapport.core.environment import SettingInvalid, backup_every_hours, backup_keep

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HEAD = About("2026-03-02", "0.1.0", 180004, "o", "a", [], 5)


def make_archive(path: Path, **files: bytes) -> Path:
    with new_archive(path) as archive:
        archive.add_json(ABOUT, asdict(HEAD))
        archive.add_stream(DATABASE, iter([b"a dump ", b"in pieces"]))
        for name, content in files.items():
            archive.add_stream(f"home/{name}", iter([content]))
    return path


def make_backups(folder: Path, *days_ago: int) -> list[str]:
    names = [f"rapport-{NOW - days * DAY:%Y%m%dT%H%M%SZ}.tar" for days in days_ago]
    for name in names:
        (folder / name).touch()
    return names


def test_an_archive_gives_back_what_went_in_and_is_for_nobody_else(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "a.tar", **{"secret-key": b"key", "audit/heads.log": b"1 x"})

    verify(path)
    made = extract_home(path, tmp_path / "home")

    assert read_about(path) == HEAD
    with member(path, DATABASE) as dump:
        assert dump.read() == b"a dump in pieces"
    assert {p.relative_to(tmp_path / "home").as_posix(): p.read_bytes() for p in made} == {
        "secret-key": b"key",
        "audit/heads.log": b"1 x",
    }
    assert {p.stat().st_mode & 0o777 for p in (path, *made)} == {0o600}
    assert tarfile.is_tarfile(path)


CHECKSUM = range(148, 156)  # of every header; the same number can be written in several ways


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@example(at=0.900390625, bit=0)  # the number of the list's own format
def test_a_flipped_bit_in_what_is_kept_is_noticed(tmp_path: Path, at: float, bit: int) -> None:
    path = tmp_path / "flipped.tar"
    path.unlink(missing_ok=True)
    content = bytearray(make_archive(path, file=os.urandom(2000)).read_bytes())
    with tarfile.open(path) as tar:
        said = [(info.offset, range(info.offset, info.offset_data + info.size)) for info in tar]
    kept = [place for offset, places in said for place in places if place - offset not in CHECKSUM]
    place = kept[int(at * len(kept))]
    content[place] ^= 1 << bit
    path.write_bytes(content)

    with pytest.raises(ArchiveUnfit):
        verify(path)


@pytest.mark.parametrize("left", [0, 100, 600, 1600, 3000, 5000])
def test_an_archive_that_is_cut_off_is_noticed(tmp_path: Path, left: int) -> None:
    path = make_archive(tmp_path / "cut.tar", file=bytes(2000))
    path.write_bytes(path.read_bytes()[:left])

    with pytest.raises(ArchiveUnfit):
        verify(path)


def test_a_newer_archive_and_a_file_that_is_none_are_told_apart(tmp_path: Path) -> None:
    with new_archive(tmp_path / "newer.tar") as archive:
        archive.add_json(ABOUT, {"format": 2, "surprise": True})
    (tmp_path / "none.tar").write_text("id,name\n")

    with pytest.raises(ArchiveUnfit, match="newer Rapport"):
        read_about(tmp_path / "newer.tar")
    with pytest.raises(ArchiveUnfit, match="no backup"):
        read_about(tmp_path / "none.tar")


def test_a_file_that_belongs_elsewhere_is_not_written(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "a.tar", **{"../outside": b"x"})

    with pytest.raises(ArchiveUnfit, match="elsewhere"):
        extract_home(path, tmp_path / "home")

    assert not (tmp_path / "outside").exists()


def test_an_archive_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def breaks() -> Any:
        yield b"some"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"), new_archive(tmp_path / "a.tar") as archive:
        archive.add_stream(DATABASE, breaks())

    assert list(tmp_path.iterdir()) == []


def test_the_newest_backups_are_kept(tmp_path: Path) -> None:
    names = make_backups(tmp_path, 0, 1, 2, 3)
    (tmp_path / "rapport-mine.tar").touch()

    removed = backup.remove_old(tmp_path, keep=2)

    assert sorted(path.name for path in removed) == sorted(names[2:])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names[:2], "rapport-mine.tar"])
    backup.remove_old(tmp_path, keep=0)
    assert [made.path.name for made in backup.backups_in(tmp_path)] == names[:1]


@pytest.mark.parametrize(
    ("days_ago", "set_up", "hours", "due"),
    [([], 2, 24, True), ([], 0, 24, False), ([1], 9, 24, True), ([0], 9, 24, False), ([5], 9, 0, False), ([3, 0], 9, 24, False)],
)  # fmt: skip
def test_a_backup_is_due_when_the_last_one_is_old(
    tmp_path: Path, days_ago: list[int], set_up: int, hours: int, due: bool
) -> None:
    make_backups(tmp_path, *days_ago)

    assert backup.is_due(tmp_path, every=timedelta(hours=hours), since=NOW - set_up * DAY, now=NOW) is due


def test_settings_that_make_no_sense_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (backup_every_hours(), backup_keep()) == (24, 7)
    monkeypatch.setenv("RAPPORT_BACKUP_EVERY_HOURS", "often")
    monkeypatch.setenv("RAPPORT_BACKUP_KEEP", "0")

    with pytest.raises(SettingInvalid, match="RAPPORT_BACKUP_EVERY_HOURS is 'often'"):
        backup_every_hours()
    with pytest.raises(SettingInvalid, match="RAPPORT_BACKUP_KEEP is '0'"):
        backup_keep()


def test_the_log_of_erasures_lies_beside_the_backups_and_only_grows(home: Path) -> None:
    folder, log = home / "backups", home / "privacy" / "erasures.log"
    folder.mkdir()
    log.parent.mkdir()
    jobs.copy_log_of_erasures(0)
    assert not (folder / "erasures.log").exists()

    log.write_text('{"id": "1"}\n')
    jobs.copy_log_of_erasures(0)
    log.write_text('{"id": "2"}\n')
    jobs.copy_log_of_erasures(0)

    copied = folder / "erasures.log"
    assert copied.read_text() == '{"id": "1"}\n{"id": "2"}\n'
    assert copied.stat().st_mode & 0o777 == 0o600
    assert not backup.copy_erasures(folder)


def test_the_worker_knows_the_jobs() -> None:
    assert {"backup.make", "backup.make_when_due", "backup.copy_erasures"} <= set(app.tasks)

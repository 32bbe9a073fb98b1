"""Stored files: once per content, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.core import files
from rapport.core.files import FileTooLarge

LARGE = 1 << 30


def kept(home: Path) -> list[Path]:
    return sorted(path for path in (home / "files").rglob("*") if path.is_file())


def test_a_file_is_found_by_the_digest_of_its_content(home: Path) -> None:
    stored = files.store([b"one ", b"customer"], at_most=LARGE)

    assert stored.digest == hashlib.sha256(b"one customer").hexdigest()
    assert stored.size == 12
    assert stored.path.read_bytes() == b"one customer"
    assert stored.path.stat().st_mode & 0o077 == 0
    assert (home / "files").stat().st_mode & 0o077 == 0


def test_the_same_content_is_kept_once(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    source = tmp_path_factory.mktemp("elsewhere") / "orders.csv"
    source.write_bytes(b"a,b\n1,2\n")

    first = files.store_path(source, at_most=LARGE)
    second = files.store([b"a,b\n", b"1,2\n"], at_most=LARGE)

    assert first == second
    assert kept(home) == [first.path]


def test_a_file_that_is_too_large_leaves_nothing(home: Path) -> None:
    with pytest.raises(FileTooLarge, match="larger than 1 MB"):
        files.store((b"x" * (1 << 19) for _ in range(3)), at_most=1 << 20)

    assert kept(home) == []


def test_a_source_that_breaks_off_leaves_nothing(home: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.store(broken(), at_most=LARGE)

    assert kept(home) == []


def test_what_a_kill_left_half_written_goes_after_a_day(home: Path) -> None:
    stored = files.store([b"whole"], at_most=LARGE)
    half = home / "files" / "incoming-x7"
    half.write_bytes(b"ha")
    written_at = half.stat().st_mtime

    assert files.remove_cut_off(now=written_at + 23 * 3600) == 0
    assert files.remove_cut_off(now=written_at + 25 * 3600) == 1
    assert kept(home) == [stored.path]


@pytest.mark.fault
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_leaves_nothing_torn_and_room_again_is_used(home: Path) -> None:
    small = home / "files"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        first = files.store([b"a" * 400_000], at_most=LARGE)

        with pytest.raises(OSError) as full:  # noqa: PT011 - the number is looked at below
            files.store((b"b" * 100_000 for _ in range(20)), at_most=LARGE)

        assert full.value.errno == errno.ENOSPC
        assert kept(home) == [first.path]
        first.path.unlink()
        assert files.store([b"c" * 800_000], at_most=LARGE).path.stat().st_size == 800_000
    finally:
        subprocess.run(["umount", small], check=True)

"""Files under RAPPORT_HOME/files, named by the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapport.core import environment

_BLOCK = 1 << 20
_PRIVATE = 0o700
_INCOMING = "incoming-"
JUST_KEPT_SECONDS = 300
_DIGEST_LENGTH = 64
_CUT_OFF_AFTER_SECONDS = 24 * 3600


class FileTooLarge(ValueError):
    """A file is larger than the place it was sent to allows; nothing of it was kept."""


@dataclass(frozen=True)
class StoredFile:
    digest: str
    size: int

    @property
    def path(self) -> Path:
        return _folder() / self.digest[:2] / self.digest


def store(blocks: Iterable[bytes], *, at_most: int) -> StoredFile:
    """Keep the bytes of `blocks`; the same content is kept once. Raises FileTooLarge past `at_most` bytes."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    sha, size = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=_INCOMING)
    try:
        with os.fdopen(descriptor, "wb") as target:
            for block in blocks:
                size += len(block)
                if size > at_most:
                    raise FileTooLarge(f"The file is larger than {at_most // (1 << 20)} MB. Nothing of it was kept.")
                sha.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
        stored = StoredFile(sha.hexdigest(), size)
        stored.path.parent.mkdir(exist_ok=True, mode=_PRIVATE)
        Path(temporary).replace(stored.path)
        _make_lasting(stored.path.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return stored


def store_path(source: Path, *, at_most: int) -> StoredFile:
    with source.open("rb") as file:
        return store(iter(lambda: file.read(_BLOCK), b""), at_most=at_most)


def remove(stored: StoredFile, *, now: float) -> bool:
    """Remove a file that nothing names any more, unless the same content has come in again just before `now` (Unix time)."""
    try:
        if stored.path.stat().st_mtime > now - JUST_KEPT_SECONDS:
            return False
        stored.path.unlink()
    except FileNotFoundError:
        return False
    return True


def remove_cut_off(*, now: float) -> int:
    """Remove what a killed process left half written at least a day before `now` (Unix time); returns how many files."""
    removed = 0
    for path in _folder().glob(f"{_INCOMING}*"):
        if path.stat().st_mtime < now - _CUT_OFF_AFTER_SECONDS:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def digests_before(instant: float) -> Iterator[str]:
    """The files that came in before `instant` (Unix time)."""
    for path in _folder().glob("??/*"):
        if len(path.name) == _DIGEST_LENGTH and path.stat().st_mtime < instant:
            yield path.name


def _make_lasting(folder: Path) -> None:
    """A new name survives a power cut only once its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folder() -> Path:
    return environment.home() / "files"

"""The archive of a backup: a tar whose last member lists every other by size and digest, so that a damaged one is noticed.

It gets its name only when it is whole and on the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = 1
ABOUT, DATABASE, MANIFEST, HOME = "about.json", "database.dump", "manifest.json", "home/"
_BLOCK = 1 << 20
_TAR_BLOCK = tarfile.BLOCKSIZE
_LARGEST_LIST = 1 << 28


class ArchiveUnfit(Exception):
    """The file is no backup, is damaged, or was made by a newer Rapport. The message says which."""


@dataclass(frozen=True)
class About:
    """What stands at the head of an archive; enough to say whether it can be restored here."""

    made_at: str
    product: str
    server: int
    owner: str
    application: str
    migrations: list[str]
    database_bytes: int
    format: int = FORMAT


@dataclass
class Member:
    name: str
    size: int
    sha256: str
    mode: int = 0o600


@dataclass
class ArchiveWriter:
    """Adds members to an archive, in order, and lists them at its end."""

    file: IO[bytes]
    members: list[Member] = field(default_factory=list)

    def add_stream(self, name: str, blocks: Iterator[bytes], *, mode: int = 0o600) -> Member:
        """A member whose size is known only when it ends; its header is written then."""
        header_at = self.file.tell()
        self.file.write(bytes(_TAR_BLOCK))
        sha, size = hashlib.sha256(), 0
        for block in blocks:
            sha.update(block)
            size += len(block)
            self.file.write(block)
        self.file.write(bytes(-size % _TAR_BLOCK))
        end = self.file.tell()
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, mode
        header = info.tobuf(tarfile.GNU_FORMAT)
        if len(header) != _TAR_BLOCK:
            raise ValueError(f"{name} is too long a name for a member of an archive.")
        self.file.seek(header_at)
        self.file.write(header)
        self.file.seek(end)
        self.members.append(Member(name, size, sha.hexdigest(), mode))
        return self.members[-1]

    def add_file(self, name: str, path: Path) -> Member:
        with path.open("rb") as file:
            return self.add_stream(name, blocks_of(file), mode=path.stat().st_mode & 0o777)

    def add_json(self, name: str, value: Any) -> Member:
        return self.add_stream(name, iter([json.dumps(value, indent=1).encode()]))

    def finish(self) -> None:
        self.add_json(MANIFEST, _list_of(self.members))
        self.file.write(bytes(2 * _TAR_BLOCK))
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Write to a temporary name beside `path`; whatever goes wrong, nothing half-written gets the name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            writer = ArchiveWriter(file)
            yield writer
            writer.finish()
        temporary.rename(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def read_about(path: Path) -> About:
    """The head of an archive. Raises ArchiveUnfit."""
    with _opened(path) as tar:
        first = tar.next()
        if first is None or first.name != ABOUT:
            raise ArchiveUnfit(f"{path} is no backup of Rapport.")
        found = json.loads(_whole(tar, first))
    if found.get("format") != FORMAT:
        raise ArchiveUnfit(f"{path} was made by a newer Rapport. Install that one, then restore.")
    return About(**found)


def verify(path: Path, *, progress: Callable[[int], None] = lambda read: None) -> list[Member]:
    """Read all of the archive against its list. Raises ArchiveUnfit where anything is missing, added or altered."""
    seen: list[Member] = []
    listed: dict[str, Any] | None = None
    with _opened(path) as tar:
        for info in tar:
            if listed is not None or not info.isreg():
                raise ArchiveUnfit(f"{path} holds what no backup holds: {info.name}")
            if info.name == MANIFEST:
                listed = json.loads(_whole(tar, info))
                continue
            seen.append(Member(info.name, info.size, _digest(tar, info), info.mode))
            progress(info.offset_data + info.size)
    if listed is None:
        raise ArchiveUnfit(f"{path} is cut off: its end is missing. Nothing was restored.")
    if listed != _list_of(seen):
        wrong = next(
            (m.name for m, said in zip(seen, listed.get("members", []), strict=False) if asdict(m) != said),
            "the list of its members",
        )
        raise ArchiveUnfit(f"{path} is damaged: {wrong} is not what was written. Nothing was restored.")
    return seen


@contextmanager
def member(path: Path, name: str) -> Iterator[IO[bytes]]:
    with _opened(path) as tar:
        file = tar.extractfile(name)
        if file is None:
            raise ArchiveUnfit(f"{path} has no {name}.")
        yield file


def extract_home(path: Path, home: Path) -> list[Path]:
    """Write the files of RAPPORT_HOME, for nobody but us. The archive must have been verified."""
    made = []
    with _opened(path) as tar:
        for info in tar:
            if not info.name.startswith(HOME):
                continue
            target = home / info.name.removeprefix(HOME)
            if ".." in target.parts or not target.is_relative_to(home) or target == home:
                raise ArchiveUnfit(f"{path} holds a file that belongs elsewhere: {info.name}")
            source = tar.extractfile(info)
            assert source is not None
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                for block in blocks_of(source):
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            made.append(target)
    return made


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (tarfile.TarError, ValueError, KeyError, EOFError) as error:
        raise ArchiveUnfit(f"{path} is no backup of Rapport, or is damaged ({error}).") from error


def _list_of(members: list[Member]) -> dict[str, Any]:
    return {"format": FORMAT, "members": [asdict(member) for member in members]}


def _whole(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info)
    if file is None or info.size > _LARGEST_LIST:
        raise ArchiveUnfit(f"{tar.name!r} holds a list that cannot be read.")
    return file.read()


def _digest(tar: tarfile.TarFile, info: tarfile.TarInfo) -> str:
    file = tar.extractfile(info)
    assert file is not None
    sha, size = hashlib.sha256(), 0
    for block in blocks_of(file):
        sha.update(block)
        size += len(block)
    if size != info.size:
        raise ArchiveUnfit(f"{tar.name!r} is cut off within {info.name}.")
    return sha.hexdigest()

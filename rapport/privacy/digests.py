"""Keyed hashes: what remains of somebody erased, of use only to who holds the key and already knows the value."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from psycopg import sql

from rapport.core import environment

_KEY_BYTES = 32
EMAIL, PHONE, PUBLIC_ID = "email", "phone", "public_id"

# the same as digest_of, for a column; {kind} ends in a colon
DIGEST_SQL = sql.SQL(
    "encode(sha256({key}::bytea || sha256({key}::bytea || convert_to({kind} || {value}, 'UTF8'))), 'hex')"
)


def folder() -> Path:
    """RAPPORT_HOME/privacy: the key (a secret that backups take along) and the log of erasures (which none overwrites)."""
    path = environment.home() / "privacy"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def suppression_key() -> bytes:
    """Made where there is none; it gets its name only when it is whole, so that no process reads half of it."""
    path = folder() / "suppression-key"
    if not path.exists():
        descriptor, temporary = tempfile.mkstemp(dir=folder(), prefix="key-")
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # another process was faster; its key is the one
        Path(temporary).unlink()
    return bytes.fromhex(path.read_text().strip())


def digest_of(kind: str, value: str, *, key: bytes) -> str:
    inner = hashlib.sha256(key + f"{kind}:{value}".encode()).digest()
    return hashlib.sha256(key + inner).hexdigest()


def matches_any(kind: str, value: sql.Composable, digests: list[str], *, key: bytes) -> sql.Composed:
    """A condition: the digest of `value`, which is SQL, is one of these."""
    digest = DIGEST_SQL.format(key=sql.Literal(key), kind=sql.Literal(f"{kind}:"), value=value)
    return sql.SQL("{} = any({})").format(digest, sql.Literal(digests))


def key_of_source(table: str, source_name: str) -> str:
    """The kind of an id that a source gave to a row of `table`."""
    return f"{table}:{source_name}"

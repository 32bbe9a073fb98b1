"""The signing key: made once, kept in a 0600 file under RAPPORT_HOME."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_SHORTEST = 40


class SecretKeyUnfit(RuntimeError):
    """The key file is empty or too short to sign with."""


def secret_key(home: Path) -> str:
    make_home(home)
    path = home / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if len(key) < _SHORTEST:
            raise SecretKeyUnfit(
                f"{path} holds fewer than {_SHORTEST} characters. Remove it to have a new one made."
            ) from None
        return key
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


def make_home(home: Path) -> None:
    """Nobody else looks into RAPPORT_HOME; where root runs us, the database's own user must pass through it."""
    if not home.exists():
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)

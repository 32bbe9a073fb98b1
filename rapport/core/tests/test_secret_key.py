"""The signing key: made once, for our eyes only, and never a weak one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapport.core.secret_key import SecretKeyUnfit, secret_key


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"

    key = secret_key(home)

    assert len(key) >= 64
    assert secret_key(home) == key
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o066 == 0


@pytest.mark.parametrize("short", ["", "changeme", "x" * 39])
def test_a_short_key_is_refused_and_left_as_it_is(tmp_path: Path, short: str) -> None:
    (tmp_path / "secret-key").write_text(short)

    with pytest.raises(SecretKeyUnfit, match="fewer than 40 characters"):
        secret_key(tmp_path)

    assert (tmp_path / "secret-key").read_text() == short

"""Secrets and signatures as Standard Webhooks has them; secrets are kept sealed by the key of the house."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def seal(secret: str) -> str:
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    return _cipher().decrypt(sealed.encode()).decode()


def sign(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signatures(found: Sequence[str], *, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature for each secret that counts, so that a receiver with either of them is content."""
    return " ".join(sign(secret, webhook_id=webhook_id, timestamp=timestamp, body=body) for secret in found)


def _cipher() -> MultiFernet:
    """The first key seals; keys that were rotated away still unseal."""
    return MultiFernet([Fernet(_key(each)) for each in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def _key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac("rapport.webhooks", "", secret=secret, algorithm="sha256").digest())

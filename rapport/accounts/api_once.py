"""Idempotency-Key: a request that is sent again has no second effect and gets the first answer again, for a day."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from cryptography.fernet import Fernet
from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse

from rapport.accounts.api_problems import Problem
from rapport.accounts.api_tokens import ANSWERS_KEPT, Lent
from rapport.accounts.models import ApiAnswer

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")

# whoever is second waits here until the first has committed, and then finds her answer
_CLAIM = """
insert into accounts_apianswer as a (token_id, key_hash, request_hash, asked_at) values (%s, %s, %s, %s)
on conflict (token_id, key_hash) do update
   set request_hash = excluded.request_hash, asked_at = excluded.asked_at, sealed = ''
 where a.asked_at < %s
returning id
"""


def answer_once(
    request: HttpRequest, lent: Lent, carry_out: Callable[[], HttpResponse], *, now: datetime
) -> HttpResponse:
    """Inside the transaction of the effect. What is refused is not kept: the caller rolls it back."""
    key = request.headers.get(HEADER)
    if key is None:
        return carry_out()
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem(400, f"{HEADER} takes 1 to {LONGEST_KEY} printable characters.")
    key_hash, request_hash = _digest(key), _digest(request.method or "", request.get_full_path(), _said_in(request))
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [lent.token.pk, key_hash, request_hash, now, now - ANSWERS_KEPT])
        claimed = cursor.fetchone()
    if claimed is None:
        return _again(ApiAnswer.objects.get(token=lent.token, key_hash=key_hash), request_hash, lent)
    answer = carry_out()
    if answer.status_code < 400:
        ApiAnswer.objects.filter(pk=claimed[0]).update(sealed=_cipher(lent).encrypt(_written(answer)))
    return answer


def _again(kept: ApiAnswer, request_hash: str, lent: Lent) -> HttpResponse:
    if kept.request_hash != request_hash:
        raise Problem(422, f"This {HEADER} was sent with another request before.", kind="key-used")
    said = json.loads(_cipher(lent).decrypt(bytes(kept.sealed)))
    answer = HttpResponse(said["body"], status=said["status"])
    for name, value in said["headers"].items():
        answer[name] = value
    answer["Idempotency-Replayed"] = "true"
    return answer


def _written(answer: HttpResponse) -> bytes:
    headers = {name: answer[name] for name in _KEPT_HEADERS if name in answer}
    return json.dumps({"status": answer.status_code, "headers": headers, "body": answer.content.decode()}).encode()


def _said_in(request: HttpRequest) -> bytes:
    """The body; of a form with files, which may be large, the fields and what the files hold."""
    if request.content_type != "multipart/form-data":
        return request.body
    fields = [part for name, values in sorted(request.POST.lists()) for part in (name, *values)]
    files = [(name, file) for name, found in sorted(request.FILES.lists()) for file in found]
    return _digest(*fields, *(part for name, file in files for part in (name, file.name or "", _held(file)))).encode()


def _held(file: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _cipher(lent: Lent) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"rapport.api.answer." + lent.text.encode()).digest()))


def _digest(*parts: str | bytes) -> str:
    """Each part with its length before it, so that no two lists of parts read alike."""
    found = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        found.update(len(raw).to_bytes(8, "big") + raw)
    return found.hexdigest()

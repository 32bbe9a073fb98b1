"""Files of this room that are no tables: address books as vCards."""

from __future__ import annotations

from rapport.customers.imports.vcard_reading import VCardRefused, is_vcard, vcards_as_csv
from rapport.records.imports.converting import FileFormat
from rapport.records.imports.decoding import FileRefused


def _as_csv(content: bytes) -> bytes:
    try:
        return vcards_as_csv(content)
    except VCardRefused as refusal:
        raise FileRefused(refusal.words, line=refusal.line) from refusal


FORMATS = (FileFormat("vcard", is_vcard, _as_csv),)

"""Finding rows that mention any of some texts, anywhere in a column of text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable


def patterns(texts: Iterable[str]) -> list[str]:
    """For `lower(column::text) like any (…)`: each text as it stands, and as JSON writes it."""
    found = {text.lower() for text in texts if text}
    found |= {json.dumps(text, ensure_ascii=False)[1:-1] for text in found}
    return sorted(f"%{_plain(text)}%" for text in found)


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

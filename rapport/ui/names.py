"""The one or two letters that stand for a name."""

from __future__ import annotations

import unicodedata


def initials(name: str) -> str:
    """Two letters of a name in an alphabet; the family name's sign of a Han or Hangul name."""
    words = [word for word in unicodedata.normalize("NFC", name).split() if word[0].isalnum()]
    if not words:
        return "?"
    if _is_syllabic(words[0][0]):
        return words[0][0]
    letters = words[0][0] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()


def _is_syllabic(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))

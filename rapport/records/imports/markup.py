"""Texts that other systems keep as HTML, such as notes and mails. No Django here: worker processes use it."""

from __future__ import annotations

import html
import re

_TAGS = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|tbody|tr|td|th|blockquote|font|img)\b[^>]*>", re.I
)


def plain_text(text: str | None) -> str:
    """The words of a text that may be written in HTML, as other systems keep notes and mails."""
    if not text:
        return ""
    # A tag that nothing closes would be looked through to the end, each anew.
    tagged, closed, rest = text.rpartition(">")
    tagged += closed
    if _TAGS.search(tagged) is None:
        return text
    return " ".join(html.unescape(_TAGS.sub(" ", tagged) + rest).split())

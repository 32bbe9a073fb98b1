"""What is written down never opens a door: the tokens of one-time links are blanked in every log line and in the trail."""

from __future__ import annotations

import logging
import re

# imported while the settings are read, so the paths of rapport.accounts.links stand here as text; tests hold them together
_TOKEN = re.compile(
    r"((?:/|%2F)(?:join|consent|account(?:/|%2F)password(?:/|%2F)reset(?:/|%2F)key)(?:/|%2F))[^/\s%?&\"'<>]+", re.I
)

_PROGRAM_TOKEN = re.compile(r"\brapport_[\w-]{43}")

# what the database tells of a row that it refused, and addresses wherever they stand
_ROW = re.compile(r"(DETAIL:\s+|Key \([^)]*\)=|Failing row contains )[^\n]*")
_EMAIL = re.compile(r"[^\s@<>()\"'=,;:]+@[^\s@<>()\"',;:]+")


def without_tokens(text: str) -> str:
    return _PROGRAM_TOKEN.sub("rapport_…", _TOKEN.sub(r"\1…", text))


def without_persons(text: str) -> str:
    """Logs are read by more people than records are, and outlive an erasure."""
    return _EMAIL.sub("…@…", _ROW.sub(r"\1…", text))


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, so also what stands in its arguments and its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return without_persons(without_tokens(super().format(record)))

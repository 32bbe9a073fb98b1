"""S2, S10, S15: what must not stand in the code; exceptions are listed here, with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "rapport"

# pattern → files that may hold it, each with the reason
BANNED = {
    r"\|\s*safe\b": {},
    r"\bmark_safe\b": {},
    r"autoescape\s+(off|false)": {},
    r"autoescape\s*=\s*False": {},
    r"\|\s*tojson\b.*=\s*\"": {},
    r"\bMarkup\(": {},
    r"\bformat_html\(": {},
    r"\.extra\(": {},
    r"\bRawSQL\b": {},
    r"\.raw\(": {},
    r"\bexecute(many)?\(\s*f[\"']": {
        "core/postgres.py": "names of our own roles and database, constants of that file",
        "insight/traits.py": "names of two functions of our own, given by the callers in that file",
        "insight/warehouse/engine.py": "paths of our own files, quoted; DuckDB binds no values in SET",
    },
    r"\bexecute(many)?\(\s*[\"'].*[\"']\s*(%|\.format\()": {},
    r"\bpickle\b": {"accounts/shared_cache.py": "says why it is not used"},
    r"\bmarshal\b": {},
    r"\byaml\.load\b": {},
    r"(?<![\w.])eval\(": {},
    r"(?<![\w.])exec\(": {},
    r"shell\s*=\s*True": {},
    r"\bcsrf_exempt\b": {},
    r"\bdefault_storage\b": {},
    r"\bhttps?://(?!localhost|www\.w3\.org|schemas\.openxmlformats\.org|127\.|crm\.example\.com)\w[\w.-]*": {
        "demo/everyday.py": "an address of the demo company, which is nowhere",
    },
    r"<[a-z][^>{(]*\sstyle=": {},
    r"\son(click|load|error|submit|change|input|key\w+|mouse\w+)=\"": {},
    r"apps\.get_model\(": {},
}
CODE = [
    path for path in sorted(ROOT.rglob("*"))
    if path.suffix in (".py", ".html", ".txt", ".js") and "tests" not in path.parts and "migrations" not in path.parts
]  # fmt: skip


@pytest.mark.parametrize("pattern", BANNED)
def test_what_is_banned_does_not_occur(pattern):
    allowed = BANNED[pattern]
    found = []
    for path in CODE:
        name = str(path.relative_to(ROOT))
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if re.search(pattern, line) and name not in allowed:
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    assert found == []


def test_there_is_code_to_look_at():
    assert len(CODE) > 100


def test_sessions_and_messages_are_json(settings):
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert settings.CACHES == {"default": {"BACKEND": "rapport.accounts.shared_cache.SharedCache"}}
    assert settings.DEBUG is False

"""A file's name as it may be kept and sent: no path, nothing invisible, nothing that a system reads as a device."""

from __future__ import annotations

import unicodedata

LONGEST_BYTES = 180
_LONGEST_ENDING = 20
_NOT_IN_NAMES = set('<>:"|?*/\\')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
_INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
NAMELESS = "file"


def clean_name(name: str) -> str:
    """The last part of a path, of visible characters, without a dot in front, and not longer than systems take."""
    visible = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in _INVISIBLE)
    last = visible.replace("\\", "/").rsplit("/", 1)[-1]
    safe = "".join("_" if c in _NOT_IN_NAMES else c for c in last)
    safe = " ".join(safe.split()).lstrip(". ").rstrip(". ")
    if safe.split(".", 1)[0].strip().casefold() in _DEVICES:
        safe = f"_{safe}"
    return _shortened(safe) or NAMELESS


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = f"{dot}{ending}" if stem and len(ending.encode()) <= _LONGEST_ENDING else ""
    room = LONGEST_BYTES - len(kept.encode())
    return (stem if kept else name).encode()[:room].decode(errors="ignore").rstrip(". ") + kept

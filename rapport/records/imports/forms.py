"""Forms of the imports' pages: the file, and the answers to what is not certain about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from rapport.records.imports.decoding import known_encoding
from rapport.records.imports.remembering import AS_BEFORE
from rapport.records.models import Import

NOT_TAKEN, KEPT, ASK = "", "+keep", "+ask"
_ANSWERS = ("sheet", "encoding", "dates", "decimal", "currency", "time_zone", "channel")
_OF_COLUMNS = ("mapping", "keep", AS_BEFORE)


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "An Excel workbook (.xlsx) or text in columns (.csv, .tsv, .txt), also packed by gzip or ZIP, up to 2 GB;"
            " or an address book (.vcf), up to 64 MB. Nothing is changed before you have seen it."
        ),
    )


def answers_from(sent: QueryDict, job: Import) -> dict[str, Any]:
    """The answers of the page together with those given before; only names that can be answered are read."""
    posted = {name: str(sent[name]).replace("\x00", "") for name in sent}
    answers = {name: value for name, value in job.answers.items() if name not in ("dry_run", "mended")}
    for name in _ANSWERS:
        if name in posted:
            answers[name] = posted[name].strip()
    if posted.get("other_encoding"):
        answers["encoding"] = posted["other_encoding"].strip()
    if "encoding" in answers:
        encoding = answers["encoding"]
        answers["encoding"] = "" if encoding == ASK else known_encoding(encoding) or encoding
    if "source" in posted:
        answers["source"] = (posted.get("new_source") or posted["source"]).strip()
    preset = posted.get("preset", "").strip()
    if preset and preset != answers.get("preset"):
        answers["preset"] = preset
        for name in _OF_COLUMNS:
            answers.pop(name, None)
    elif any(_is_other(answers.get(name), job.answers.get(name)) for name in ("encoding", "sheet")):
        for name in _OF_COLUMNS:  # headers that read differently are recognized anew
            answers.pop(name, None)
    elif any(name.startswith("column-") for name in posted):
        answers["mapping"], answers["keep"] = _mapping_from(posted, len(job.answers.get("header", [])))
    return answers


def must_be_seen_first(answers: Mapping[str, Any], job: Import) -> bool:
    """Whether the file is understood in another way than on the page from which these answers come."""
    before = job.answers
    return any(before.get(name) and answers.get(name) != before[name] for name in ("sheet", "encoding", "preset"))


def _is_other(encoding: Any, before: Any) -> bool:
    return bool(before) and encoding != before


def _mapping_from(posted: Mapping[str, str], width: int) -> tuple[dict[str, int], list[int]]:
    mapping: dict[str, int] = {}
    keep: list[int] = []
    for position in range(width):
        goes_to = posted.get(f"column-{position}", NOT_TAKEN)
        if goes_to == KEPT:
            keep.append(position)
        elif goes_to != NOT_TAKEN:
            mapping.setdefault(goes_to, position)
    return mapping, keep

"""From a file and the answers so far to a plan: what is certain, what was recognized, and what must still be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.numbers import list_currencies
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from rapport.accounts.queries import business
from rapport.records.imports.decoding import (
    FileRefused,
    first_undecodable_line,
    inspect,
    known_encoding,
    refuse_what_is_no_text,
)
from rapport.records.imports.drafting import AnswerInvalid, Draft, Question
from rapport.records.imports.headless import header_by_shape
from rapport.records.imports.importing import (
    ColumnKind,
    Importer,
    UnknownImporter,
    find_importer,
    importers,
    with_own_columns,
)
from rapport.records.imports.looking import Look
from rapport.records.imports.planning_sheets import settle_sheet, take_certain
from rapport.records.imports.presets import (
    Preset,
    other_readings,
    plain_name,
    presets,
    recognized_preset,
    words_in_brackets,
)
from rapport.records.imports.problems import MARK_LINE, MARK_REASON
from rapport.records.imports.rows import Header, first_rows, read_header
from rapport.records.imports.staging_worker import BREAK, ERROR
from rapport.records.imports.surveying import Survey

SAMPLE_ROWS = 5
DATE_ORDERS = (
    ("mdy", gettext_lazy("month, day, year")),
    ("dmy", gettext_lazy("day, month, year")),
    ("ymd", gettext_lazy("year, month, day")),
)
DECIMALS = ((".", gettext_lazy("a point: 1,234.50")), (",", gettext_lazy("a comma: 1.234,50")))
_MOST_SOURCE = 60


@dataclass(frozen=True)
class Plan:
    """What would be done with the file. It can start when `questions` is empty. `table` is the text that its rows are in."""

    answers: dict[str, Any]
    questions: tuple[Question, ...]
    importer: Importer | None = None
    header: Header | None = None
    sample: tuple[list[str], ...] = ()
    notes: tuple[str, ...] = ()
    table: Path | None = None


def make_plan(
    path: Path,
    answers: Mapping[str, Any],
    *,
    suggestions: Mapping[str, str],
    look: Look,
    hidden: Callable[[str], Collection[str]] = lambda _object: (),
) -> Plan:
    """Read as much of the file as is needed. Raises FileRefused (the file) or AnswerInvalid (an answer).

    `hidden` says which fields of an object are no columns here: none is recognized, and naming one is an unknown name.
    """
    draft = Draft(dict(answers), suggestions, look)
    sheet = settle_sheet(draft, path)
    path = sheet.path if sheet is not None else path
    if draft.questions or not _settle_encoding(draft, path):
        return Plan(draft.answers, tuple(draft.questions))
    encoding = draft.answers["encoding"]
    header = _header(draft, path, encoding) if sheet is None else read_header(path, encoding, delimiter=",")
    sample = tuple(_shown(row) for row in first_rows(path, encoding, header, at_most=SAMPLE_ROWS))
    if not sample:
        raise FileRefused(gettext_noop("The file has a header and no rows."), line=header.first_line)
    known = presets().get(draft.answers.get("format", ""))
    is_ours = known is not None and known.is_ours
    draft.answers["mended"] = is_ours or (MARK_LINE in header.names and MARK_REASON in header.names)
    importer = _settle_importer(draft, header)
    if importer is None:
        return Plan(draft.answers, tuple(draft.questions), header=header, sample=sample)
    importer = _without(importer, hidden(importer.object))
    _settle_mapping(draft, importer, header)
    if sheet is not None:
        take_certain(draft, sheet)
    _settle_writing(draft, importer, path, header)
    _settle_source(draft, importer)
    return Plan(draft.answers, tuple(draft.questions), importer, header, sample, tuple(draft.notes), path)


def _without(importer: Importer, hidden: Collection[str]) -> Importer:
    """The importer as it is for whoever does not see these fields; what rows are told apart by stays."""
    gone = {each.name for each in importer.columns if not each.required and each.name in hidden} - set(importer.key)
    if not gone:
        return importer
    one_of = (tuple(name for name in names if name not in gone) for names in importer.one_of)
    return replace(
        importer,
        columns=tuple(each for each in importer.columns if each.name not in gone),
        one_of=tuple(names for names in one_of if names),
    )


def _header(draft: Draft, path: Path, encoding: str) -> Header:
    header = header_by_shape(path, encoding) or read_header(path, encoding)
    if header.is_named_here:
        draft.notes.append(_("The file does not name its columns; they have the names of what seems to stand in them."))
    return header


def _shown(row: list[str]) -> list[str]:
    return [cell.replace(BREAK, "\n").removeprefix(ERROR) for cell in row]


def _settle_encoding(draft: Draft, path: Path) -> bool:
    given = draft.answers.get("encoding")
    if given:
        if draft.answers.get("encoding_checked") == given:
            return True
        name = _known_encoding(given)
        line = draft.look.once(
            f"{path.name} text {name}", lambda: first_undecodable_line(path, name, is_over=draft.look.is_over)
        )
        if line:
            raise FileRefused(
                gettext_noop("These bytes are not %(encoding)s text. Choose another encoding."),
                line=line,
                encoding=name,
            )
        inspect_if_table(path)
        draft.answers.update(encoding=name, encoding_checked=name)
        return True
    certain, candidates = draft.look.once(f"{path.name} encoding", lambda: _inspected(path, draft.look))
    if certain:
        draft.answers.update(encoding=certain, encoding_checked=certain)
        return True
    text = _("In which encoding is the file? Choose the one in which the text reads right.")
    draft.ask("encoding", text, [(encoding, sample) for encoding, sample in candidates])
    return False


def _inspected(path: Path, look: Look) -> tuple[str, list[tuple[str, str]]]:
    found = inspect(path, is_over=look.is_over)
    return found.certain, [(candidate.encoding, candidate.sample) for candidate in found.candidates]


def inspect_if_table(path: Path) -> None:
    """Refuse what is no table even where an encoding was given that can read any bytes."""
    refuse_what_is_no_text(path)


def _known_encoding(name: str) -> str:
    found = known_encoding(name)
    if found is None:
        raise AnswerInvalid(_("“%(name)s” is not an encoding known here.") % {"name": name})
    return found


def _settle_importer(draft: Draft, header: Header) -> Importer | None:
    given = draft.answers.get("preset")
    preset = presets().get(given) if given else recognized_preset(header.names)
    if preset is not None:
        if preset.refused:
            raise FileRefused(preset.refused)
        given = preset.importer
        draft.answers.update(preset=given, format=preset.name)
        draft.answers["mended"] = draft.answers.get("mended") or preset.is_ours
        for name, answer in preset.answers.items():
            draft.answers.setdefault(name, answer)
        draft.answers["about_rows"] = dict(preset.about_rows)
        if preset.source:
            draft.answers["source"] = draft.answers.get("source") or preset.source
    if given:
        try:
            return find_importer(given)
        except UnknownImporter as error:
            raise AnswerInvalid(str(error)) from error
    name = _guessed(header)
    if name:
        draft.answers["preset"] = name
        return find_importer(name)
    draft.ask("preset", _("What does the file hold?"), [(name, str(item.label)) for name, item in importers().items()])
    return None


def _guessed(header: Header) -> str:
    """The importer that knows most of the columns, if it is one alone; '' otherwise. What is guessed last must know more."""
    found, most = "", 0
    for asked in (
        [each for each in importers().values() if each.is_guessed],
        [each for each in importers().values() if each.is_guessed_last],
    ):
        scores = {each.name: _score(with_own_columns(each), header) for each in asked}
        best = max(scores.values(), default=0)
        if best > most:
            winners = [name for name, score in scores.items() if score == best]
            found, most = winners[0] if len(winners) == 1 else "", best
    return found


def _score(importer: Importer, header: Header) -> int:
    """How many columns are recognized; nothing when a required one is missing or only one is there."""
    found = recognize(importer, header.names)
    if any(column.required and column.name not in found for column in importer.columns):
        return 0
    return len(found) if len(found) > 1 else 0


def recognize(importer: Importer, headers: Iterable[str], *, preset: Preset | None = None) -> dict[str, int]:
    """Which columns of the file are known by name: importer's column → position. Earlier aliases win.

    What a preset says of its headers comes first; then whole headers, then what else they may mean.
    """
    whole: dict[str, int] = {}
    otherwise: dict[str, int] = {}
    for position, name in enumerate(headers):
        whole.setdefault(plain_name(name), position)
        for reading in other_readings(name):
            otherwise.setdefault(reading, position)
    named = {column.name: (column.name, str(column.label), *column.aliases) for column in importer.columns}
    told = {name: preset.columns.get(name, ()) for name in named} if preset is not None else {}
    found: dict[str, int] = {}
    for aliases, positions in ((told, whole), (told, otherwise), (named, whole), (named, otherwise)):
        taken = set(found.values())
        for column in importer.columns:
            if column.name in found:
                continue
            places = (positions.get(plain_name(name)) for name in aliases.get(column.name, ()))
            place = next((place for place in places if place is not None and place not in taken), None)
            if place is not None:
                found[column.name] = place
                taken.add(place)
    return {column.name: found[column.name] for column in importer.columns if column.name in found}


def _settle_mapping(draft: Draft, importer: Importer, header: Header) -> None:
    given = draft.answers.get("mapping")
    preset = _preset_of(draft, importer)
    if preset is not None:
        draft.notes.append(_("These are %(preset)s.") % {"preset": preset.label})
    mapping = (
        _checked_mapping(given, importer, header)
        if given is not None
        else recognize(importer, header.names, preset=preset)
    )
    draft.answers["mapping"] = mapping
    keep = draft.answers.get("keep", [])
    draft.answers["keep"] = sorted({_position(name, header) for name in keep} - set(mapping.values()))
    choices = [(name, name) for position, name in enumerate(header.names) if position not in mapping.values()]
    for column in importer.columns:
        if (column.required or (column.asked_for and choices)) and column.name not in mapping:
            text = _("Which column is “%(name)s”?") % {"name": column.label}
            if column.required:
                text += " " + _("A file without it cannot come in as “%(preset)s”.") % {"preset": importer.label}
            draft.ask(f"mapping.{column.name}", text, choices)
    for names in importer.one_of if mapping else ():
        if not set(names) & set(mapping):
            text = _("Which column is one of these: %(names)s? The file must have one of them.")
            labels = ", ".join(str(importer.column(name).label) for name in names)
            draft.ask(f"mapping.{names[0]}", text % {"names": labels}, choices)
    if not mapping:
        draft.ask(
            "mapping", _("No column was recognized. Which column is what?"), [(name, name) for name in header.names]
        )
    if importer.key[0] not in mapping and not importer.column(importer.key[0]).required:
        draft.notes.append(
            str(importer.told_apart_by)
            or _(
                "The file has no column with a number or id of its own. Rows are told apart by their e-mail address, phone,"
                " name and postal code together: a row in which one of these has changed will come in as another one."
            )
        )


def _preset_of(draft: Draft, importer: Importer) -> Preset | None:
    """The kind of file that was recognized, as long as it is brought in as what it holds."""
    preset = presets().get(draft.answers.get("format", ""))
    return preset if preset is not None and preset.importer == importer.name else None


def _checked_mapping(given: Any, importer: Importer, header: Header) -> dict[str, int]:
    if not isinstance(given, Mapping):
        raise AnswerInvalid(_("The mapping must name columns."))
    known = {column.name for column in importer.columns}
    mapping: dict[str, int] = {}
    for name, place in given.items():
        if name not in known:
            raise AnswerInvalid(
                _("“%(name)s” is not a column that %(preset)s has. There are: %(known)s.")
                % {"name": name, "preset": importer.label, "known": ", ".join(sorted(known))}
            )
        position = _position(place, header)
        if position in mapping.values():
            raise AnswerInvalid(_("The column “%(name)s” is taken twice.") % {"name": header.names[position]})
        mapping[name] = position
    return mapping


def _position(place: Any, header: Header) -> int:
    if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(header.names):
        return place
    if isinstance(place, str) and place in header.names:
        return header.names.index(place)
    raise AnswerInvalid(
        _("The file has no column “%(name)s”. It has: %(known)s.") % {"name": place, "known": ", ".join(header.names)}
    )


def _settle_writing(draft: Draft, importer: Importer, path: Path, header: Header) -> None:
    """Dates, decimals, time zone and currency, as far as the mapped columns need them."""
    mapping = draft.answers["mapping"]
    kinds = {importer.column(name).kind for name in mapping}
    answers = draft.answers
    for name, allowed in (("dates", {order[0] for order in DATE_ORDERS}), ("decimal", {".", ","})):
        if answers.get(name) and answers[name] not in allowed:
            raise AnswerInvalid(
                _("“%(answer)s” is not an answer for %(name)s. There are: %(known)s.")
                % {"answer": answers[name], "name": name, "known": ", ".join(sorted(allowed))}
            )
    seen = _surveyed(draft, importer, path, header)
    if kinds & {ColumnKind.DATE, ColumnKind.INSTANT} and not answers.get("dates"):
        if seen["dates"]:
            answers["dates"] = seen["dates"]
        else:
            text = _("In which order are dates written? The file has %(example)s.") % {"example": seen["date"]}
            draft.ask("dates", text, [choice for choice in DATE_ORDERS if choice[0] != "ymd"])
    if kinds & {ColumnKind.MONEY, ColumnKind.NUMBER, ColumnKind.INTEGER, ColumnKind.AMOUNT} and not answers.get(
        "decimal"
    ):
        if seen["decimal"]:
            answers["decimal"] = seen["decimal"]
        else:
            draft.ask(
                "decimal",
                _("What divides whole numbers from decimals? The file has %(example)s.") % {"example": seen["number"]},
                DECIMALS,
            )
    if ColumnKind.INSTANT in kinds:
        headers = [header.names[at] for name, at in mapping.items() if importer.column(name).kind is ColumnKind.INSTANT]
        _settle_time_zone(draft, headers)
    if (importer.needs_currency or ColumnKind.MONEY in kinds) and "currency" not in mapping:
        _settle_currency(draft, importer)


def _surveyed(draft: Draft, importer: Importer, path: Path, header: Header) -> dict[str, str]:
    """How dates and numbers are written in the columns they are mapped to."""
    answers, encoding = draft.answers, draft.answers["encoding"]
    wants = {f"wants_{name}": not answers.get(name) for name in ("dates", "decimal")}
    survey = Survey(importer, answers["mapping"], **wants)

    def find() -> dict[str, str]:
        survey.read(first_rows(path, encoding, header, at_most=10**9), is_over=draft.look.is_over)
        return {
            "dates": survey.date_order, "date": survey.date_example,
            "decimal": survey.decimal, "number": survey.number_example,
        }  # fmt: skip

    found: dict[str, str] = draft.look.once(f"{path.name} {encoding} {header.delimiter} {survey.columns}", find)
    return found


def _settle_time_zone(draft: Draft, headers: list[str]) -> None:
    said = {words_in_brackets(name) for name in headers} & available_timezones()
    given = draft.answers.get("time_zone") or (said.pop() if len(said) == 1 else "")
    draft.answers["time_zone"] = given
    if not given:
        draft.ask(
            "time_zone",
            _("Of which time zone are the times in the file?"),
            sorted((z, z) for z in available_timezones()),
            free=True,
        )
        return
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AnswerInvalid(_("“%(name)s” is not a time zone, such as Europe/London.") % {"name": given}) from error


def _settle_currency(draft: Draft, importer: Importer) -> None:
    given = draft.answers.get("currency")
    if not given:
        draft.ask(
            "currency", _("In which currency are the amounts?"), [(c, c) for c in sorted(list_currencies())], free=True
        )
    elif given.upper() not in list_currencies():
        raise AnswerInvalid(_("“%(name)s” is not a currency code, such as EUR.") % {"name": given})
    else:
        draft.answers["currency"] = given.upper()
        ours = business()
        if importer.needs_currency and ours is not None and ours.currency != given.upper():
            draft.notes.append(
                _(
                    "These amounts are in %(currency)s, and the business counts in %(reporting)s. There is no rate between"
                    " them: the orders come in, but worth, scores and reports in money leave them out."
                )
                % {"currency": given.upper(), "reporting": ours.currency}
            )


def _settle_source(draft: Draft, importer: Importer) -> None:
    given = " ".join(str(draft.answers.get("source") or "").split())
    if not given:
        draft.ask(
            "source",
            _("Where does the file come from? Choose a source or name a new one, such as shop."),
            importer.sources.known(),
            free=True,
        )
    elif given.casefold() in importer.sources.reserved:
        raise AnswerInvalid(
            _("A file cannot come from “%(name)s”; that source is kept for what is typed in here.") % {"name": given}
        )
    elif len(given) > _MOST_SOURCE or "\0" in given:
        raise AnswerInvalid(_("The name of a source may have %(most)s characters.") % {"most": _MOST_SOURCE})
    else:
        draft.answers["source"] = given
    for option in importer.options:
        value = draft.answers.setdefault(option.name, option.default)
        if value not in {choice for choice, _ in option.choices}:
            allowed = ", ".join(choice for choice, _ in option.choices)
            raise AnswerInvalid(
                _("“%(answer)s” is not an answer for %(name)s. There are: %(known)s.")
                % {"answer": value, "name": option.name, "known": allowed}
            )

"""`rapport import`: a file in, from the command line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from rapport.accounts.queries import active_staff
from rapport.core import clock
from rapport.core.acting import SYSTEM, Actor
from rapport.core.command_line import Command, CommandRefused
from rapport.core.files import FileTooLarge
from rapport.records.custom_fields.actions import FieldRefused
from rapport.records.custom_fields.mapping import free_columns, make_fields
from rapport.records.imports.actions import (
    MOST_BYTES,
    NotReady,
    answer_import,
    begin_import,
    continue_import,
    discard_draft,
    start_import,
    unfinished_twin,
)
from rapport.records.imports.converting import take_in_path
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.looking import PATIENT_SECONDS
from rapport.records.imports.planning import AnswerInvalid, Plan, Question
from rapport.records.imports.presenting import figures
from rapport.records.imports.problems import refused_rows_as_csv
from rapport.records.imports.progress import WHOLE, AlreadyAtWork, Cancelled, GivenUp
from rapport.records.imports.queries import find_import, first_problems, problem_lines, result_of
from rapport.records.imports.running import run_import
from rapport.records.imports.undoing import UnableToUndo, undo_import
from rapport.records.models import Import, ImportState
from rapport.records.permissions import FIELDS

_WORDS_OFF = 2
_NAMED = 12
_FLAGS = {
    "preset": "--preset", "encoding": "--encoding", "dates": "--dates", "currency": "--currency", "time_zone": "--time-zone",
    "source": "--source", "decimal": "--decimal", "sheet": "--sheet",
}  # fmt: skip


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="a workbook (.xlsx) or a CSV file, also packed")
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook that has several")
    parser.add_argument("--preset", metavar="NAME", help="what the file holds: people, products, retail-lines …")
    parser.add_argument("--map", metavar="FILE", help='a JSON file: which column is which, {"email": "E-Mail", …}')
    parser.add_argument(
        "--keep", metavar="COLUMN", action="append", help="keep a column as it is although it is not mapped"
    )
    parser.add_argument(
        "--fields",
        action="store_true",
        help="make a field of each column that nothing takes, of the kind that its cells are",
    )
    parser.add_argument("--encoding", metavar="E", help="such as utf-8, cp949 or gb18030")
    parser.add_argument("--dates", choices=("mdy", "dmy", "ymd"), help="the order in which dates are written")
    parser.add_argument("--decimal", choices=(".", ","), help="the sign before decimals")
    parser.add_argument("--currency", metavar="C", help="the currency of amounts, such as EUR")
    parser.add_argument("--time-zone", metavar="Z", help="the zone of times, such as Europe/London")
    parser.add_argument("--source", metavar="NAME", help="where the file comes from, such as shop")
    parser.add_argument("--channel", metavar="NAME", help="the channel of orders, such as web_shop or store")
    parser.add_argument("--dry-run", action="store_true", help="read and count, change nothing")
    parser.add_argument("--undo", metavar="ID", help="take a whole import back")
    parser.add_argument("--as", dest="as_email", metavar="EMAIL", help="act as this member of the staff")
    parser.add_argument("--refused", metavar="FILE", help="where to write rows that were refused")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _run(arguments: Namespace) -> int:
    if bool(arguments.file) == bool(arguments.undo):
        raise CommandRefused("Name a file to import, or --undo with the number of an import.", code=_WORDS_OFF)
    staff = _staff(arguments.as_email)
    by: Actor = staff or SYSTEM
    if arguments.undo:
        return _undo(arguments, by)
    job = _begin(arguments, staff)
    job = _work(lambda: run_import(job, by=by, report=_Progress()), job)
    return _tell(job, arguments)


def _staff(email: str | None) -> Any:
    if not email:
        return None
    staff = next((person for person in active_staff() if person.email == email.strip().lower()), None)
    if staff is None:
        raise CommandRefused(f"There is no active member of the staff with the address {email}.", code=_WORDS_OFF)
    if not staff.has_right("records.import"):
        words = "that takes the right to import, and a role that reaches all records"
        raise CommandRefused(f"{staff.name} may not import files: {words}.", code=_WORDS_OFF)
    return staff


def _begin(arguments: Namespace, staff: Any) -> Import:
    path = Path(arguments.file)
    if not path.is_file():
        raise CommandRefused(f"There is no file {path}.", code=_WORDS_OFF)
    try:
        stored = take_in_path(path, at_most=MOST_BYTES)
    except (FileTooLarge, FileRefused, OSError) as error:
        raise CommandRefused(str(error)) from error
    job = begin_import(stored, file_name=path.name, by=staff, now=clock.utc_now())
    try:
        plan = _answer_all(job, _given(arguments))
        if arguments.fields:
            plan = _with_fields(job, plan, staff, dry_run=arguments.dry_run)
    except (FileRefused, AnswerInvalid, CommandRefused) as error:
        discard_draft(job)
        code = _WORDS_OFF if isinstance(error, AnswerInvalid) else getattr(error, "code", 1)
        raise CommandRefused(
            f"{path.name}: {error}" if isinstance(error, FileRefused) else str(error), code=code
        ) from error
    for note in plan.notes:
        _say(f"Note: {note}")
    if left := list(free_columns(plan).values()):
        named = ", ".join(left[:_NAMED]) + (f" and {len(left) - _NAMED} more" if len(left) > _NAMED else "")
        _say(f"Note: Nothing takes {named}. With --fields they become fields.")
    twin = None if arguments.dry_run else unfinished_twin(job)
    if twin is not None:
        discard_draft(job)
        _say(f"Import {twin.pk} of the same file was stopped half-way; it goes on.")
        continue_import(twin, by=staff)
        return twin
    try:
        start_import(job, plan, by=staff, dry_run=arguments.dry_run)
    except NotReady as error:
        raise CommandRefused(str(error), code=_WORDS_OFF) from error
    return job


def _given(arguments: Namespace) -> dict[str, Any]:
    given = {name: getattr(arguments, name) for name in (*_FLAGS, "channel", "keep") if getattr(arguments, name)}
    if arguments.map:
        try:
            given["mapping"] = json.loads(Path(arguments.map).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandRefused(f"The map {arguments.map} cannot be read: {error}", code=_WORDS_OFF) from error
        if not isinstance(given["mapping"], dict):
            raise CommandRefused('The map must be a JSON object, such as {"email": "E-Mail"}.', code=_WORDS_OFF)
    return given


def _answer_all(job: Import, answers: dict[str, Any]) -> Plan:
    """Ask what is open where somebody sits at a terminal; else refuse with the choices."""
    while True:
        plan = answer_import(job, answers, seconds=PATIENT_SECONDS)
        if not plan.questions:
            return plan
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise CommandRefused(_open_questions(plan.questions), code=_WORDS_OFF)
        answers = dict(plan.answers)
        for question in plan.questions:
            _ask(question, answers)


def _with_fields(job: Import, plan: Plan, staff: Any, *, dry_run: bool) -> Plan:
    """The plan in which every column goes to a field. No field stays where its column leaves a question open."""
    if staff is not None and not staff.has_right(FIELDS.name):
        raise CommandRefused(f"{staff.name} may not make fields.", code=_WORDS_OFF)
    try:
        with transaction.atomic():
            made = make_fields(job, plan, by=staff or SYSTEM)
            whole = _answer_all(job, dict(job.answers))
            transaction.set_rollback(dry_run)
    except FieldRefused as error:
        raise CommandRefused(str(error), code=_WORDS_OFF) from error
    fields = ", ".join(f"{each.label} ({each.get_kind_display()})" for each in made)
    if made:
        _say(f"{'New fields would be' if dry_run else 'New fields'}: {fields}.")
    return answer_import(job, plan.answers, seconds=PATIENT_SECONDS) if dry_run else whole


def _open_questions(questions: tuple[Question, ...]) -> str:
    lines = ["There are questions about the file. Answer them on the command line:"]
    for question in questions:
        flag = _FLAGS.get(question.name, "--map" if question.name.startswith("mapping") else f"--{question.name}")
        lines.append(f"  {flag}: {question.text}")
        shown = question.choices[:12]
        lines += [f"      {value}" + (f"  {_indented(label)}" if label != value else "") for value, label in shown]
        if len(question.choices) > len(shown):
            lines.append(f"      … and {len(question.choices) - len(shown)} more")
    return "\n".join(lines)


def _indented(label: object) -> str:
    return str(label).replace("\n", "\n          ")


def _ask(question: Question, answers: dict[str, Any]) -> None:
    _say(question.text)
    for value, label in question.choices[:12]:
        _say(f"  {value}  {_indented(label) if label != value else ''}")
    sys.stderr.write(f"[{question.suggestion}] > " if question.suggestion else "> ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip() or question.suggestion
    if question.name.startswith("mapping."):
        answers.setdefault("mapping", {})[question.name.removeprefix("mapping.")] = answer
    elif question.name == "mapping":
        raise CommandRefused("Say with --map which column is which.", code=_WORDS_OFF)
    else:
        answers[question.name] = answer


def _undo(arguments: Namespace, by: Actor) -> int:
    found = find_import(arguments.undo)
    if found is None:
        raise CommandRefused(f"There is no import {arguments.undo}.", code=_WORDS_OFF)
    job = _work(lambda: undo_import(found, by=by, report=_Progress()), found)
    if arguments.json:
        _print(json.dumps(result_of(job)))
    else:
        _print(f"Import {job.pk} ({job.file_name}) has been undone; everything is as it was before it.")
    return 0


def _work(do: Callable[[], Import], job: Import) -> Import:
    try:
        return do()
    except KeyboardInterrupt as stop:
        raise CommandRefused(
            f"Stopped. Run the same command again to go on, or `rapport import --undo {job.pk}` to take back what is done.",
            code=130,
        ) from stop
    except Cancelled as stop:
        raise CommandRefused(
            f"Import {job.pk} was cancelled. `rapport import --undo {job.pk}` takes back what is done."
        ) from stop
    except (FileRefused, UnableToUndo, AlreadyAtWork, GivenUp) as refusal:
        raise CommandRefused(
            f"{job.file_name}: {refusal}" if isinstance(refusal, FileRefused) else str(refusal)
        ) from refusal


def _tell(job: Import, arguments: Namespace) -> int:
    result = result_of(job)
    if job.problem_count:
        target = Path(arguments.refused or f"{_stem(job.file_name)}.refused-{job.pk}.csv")
        with target.open("w", encoding="utf-8", newline="") as file:
            file.writelines(refused_rows_as_csv(job))
        result["refused_file"] = str(target)
        _say(f"{problem_lines(job):,} rows were refused; they are in {target}, to be mended and imported again:")
        place = f"sheet {job.answers['sheet_name']}, row" if job.answers.get("sheet") else "line"
        for problem in first_problems(job, at_most=5):
            said = f"{problem.column} “{problem.value}”" if problem.value else f"column “{problem.column}”"
            where = f"{place} {problem.line}" + (f", {said}" if problem.column or problem.value else "")
            _say(f"  {where}: {problem.reason}")
    if arguments.json:
        _print(json.dumps(result))
        return 0
    words = "would be" if job.state == ImportState.DRAFT else "are"
    _print(f"Import {job.pk} of {job.file_name}: {result['rows']:,} rows read, {result['refused']:,} refused.")
    for figure in figures(job):
        value = f"{figure.value:,}" if isinstance(figure.value, int) else figure.value
        _print(f"  {figure.label}: {value}")
    if job.state == ImportState.DRAFT:
        _print(f"Nothing was changed; these figures are what {words} brought in.")
    return 0


def _stem(name: str) -> str:
    stem = Path(name).name
    for ending in (".gz", ".zip", ".csv", ".tsv", ".txt", ".xlsx"):
        stem = stem.removesuffix(ending)
    return stem or "file"


class _Progress:
    """One line on stderr, rewritten where stderr is a terminal."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)

    def __call__(self, stage: str, at: int) -> None:
        now = (stage, at * 100 // WHOLE if stage != "undoing" else at)
        if now == self._last or (not sys.stderr.isatty() and now[0] == self._last[0] and now[1] < self._last[1] + 10):
            return
        self._last = now
        text = f"{stage}: {now[1]:,} rows" if stage == "undoing" else f"{stage}: {now[1]} %"
        sys.stderr.write(f"\r{text:<40}" if sys.stderr.isatty() else f"{text}\n")
        if sys.stderr.isatty() and stage == "done":
            sys.stderr.write("\n")
        sys.stderr.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


COMMANDS = (
    Command("import", "Bring a file of customers, products or orders in, or take an import back.", _configure, _run),
)

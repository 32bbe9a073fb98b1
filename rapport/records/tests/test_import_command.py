"""`rapport import` at the command line: its words, its exits, its questions."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from rapport.core.command_line import CommandRefused
from rapport.customers.models import Customer
from rapport.records.commands import COMMANDS
from rapport.records.models import CustomField, Import, ImportState

pytestmark = pytest.mark.usefixtures("db", "home")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rapport_import(*words: str) -> int:
    parser = ArgumentParser()
    COMMANDS[0].configure(parser)
    return COMMANDS[0].run(parser.parse_args(words))


def kept(folder: Path, text: str | bytes, name: str = "people.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def refusal(*words: str) -> CommandRefused:
    with pytest.raises(CommandRefused) as raised:
        rapport_import(*words)
    return raised.value


def test_a_file_comes_in_and_goes_again(folder: Path, capsys: Any) -> None:
    path = kept(folder, "id,name,email\n1,Ada,ada@example.com\n")

    assert rapport_import(path, "--source", "shop", "--json") == 0

    result = json.loads(capsys.readouterr().out)
    assert (result["state"], result["rows"], result["figures"]["people_new"]) == ("done", 1, 1)
    assert rapport_import("--undo", str(result["import"])) == 0
    assert "has been undone" in capsys.readouterr().out
    assert not Customer.objects.exists()


def test_an_open_question_without_a_terminal_exits_2_with_the_choices_and_leaves_nothing(folder: Path) -> None:
    refused = refusal(kept(folder, "id,name,born\n1,Ada,3/4/1990\n"), "--source", "shop")

    assert refused.code == 2
    assert "--dates" in str(refused)
    assert "mdy" in str(refused)
    assert "The file has 3/4/1990." in str(refused)
    assert not Import.objects.exists()


def test_an_encoding_that_is_not_certain_is_asked_with_what_the_text_looks_like(folder: Path) -> None:
    path = kept(folder, "id,name,email\n1,김민수,kim@example.kr\n".encode("cp949"))

    refused = refusal(path, "--source", "shop")

    assert refused.code == 2
    assert "cp949" in str(refused)
    assert "김민수" in str(refused)
    assert rapport_import(path, "--source", "shop", "--encoding", "cp949") == 0
    assert Customer.objects.get().name == "김민수"


def test_a_western_file_is_asked_about_with_the_western_encodings_first(folder: Path) -> None:
    refused = refusal(kept(folder, "id,name\n1,José Peña\n2,Søren Åby\n".encode("cp1252")), "--source", "shop")

    text = str(refused)
    assert text.index("cp1252  1,José Peña") < text.index("cp1250  1,José Peńa") < text.index("cp1251")
    assert "2,Søren Åby" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--encoding", "utf-7x"), "encoding"), (("--encoding", "zip"), "encoding"), (("--preset", "boats"), "boats"),
        (("--time-zone", "Mars/Olympus", "--preset", "retail-lines"), ""), (("--as", "nobody@example.com"), "nobody@example.com"),
    ],
)  # fmt: skip
def test_words_that_are_off_exit_2(folder: Path, words: tuple[str, ...], said: str) -> None:
    refused = refusal(kept(folder, "id,name,email\n1,Ada,ada@example.com\n"), "--source", "shop", *words)

    assert refused.code == 2
    assert said in str(refused)


def test_neither_a_file_nor_an_import_exits_2(folder: Path) -> None:
    assert refusal().code == 2
    assert refusal("missing.csv").code == 2
    assert refusal("--undo", "999").code == 2


def test_a_broken_file_exits_1_with_line_and_column(folder: Path) -> None:
    refused = refusal(kept(folder, 'id,name,email\n1,Ada,"a@example.com\n'), "--source", "shop")

    assert refused.code == 1
    assert "Line 2, column 3" in str(refused)


def test_an_encoding_that_cannot_be_right_is_refused_with_the_line(folder: Path) -> None:
    path = kept(folder, "id,name,email\n1,Ada,a@example.com\n2,Jürgen,j@example.com\n".encode("latin-1"))

    refused = refusal(path, "--source", "shop", "--encoding", "utf-8")

    assert refused.code == 1
    assert "Line 3" in str(refused)


def test_an_empty_cell_is_refused_by_line_and_column_with_what_to_do(folder: Path, capsys: Any) -> None:
    path = kept(folder, "id,name,email\n1,Ada,ada@example.com\n,Bob,bob@example.com\n")
    nameless = kept(folder, "given name,family name,city\nAda,Lovelace,London\n,,Paris\n", "book.csv")

    assert rapport_import(path, "--source", "shop") == 0
    assert rapport_import(nameless, "--source", "book", "--preset", "people") == 0

    told = capsys.readouterr().err
    assert "line 3, column “id”: This column may not be empty: fill it in, or take the row out of the file." in told
    assert "line 3, column “given name, family name”: Nothing tells this row from others: it takes a number," in told


def test_refused_rows_are_named_and_written_to_a_file(folder: Path, capsys: Any) -> None:
    path = kept(folder, "id,name,email\n1,Ada,ada@example.com\n2,Bob,bob\n")

    assert rapport_import(path, "--source", "shop", "--json") == 0

    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result["refused"] == 1
    assert "line 3, email “bob”: This is not an e-mail address." in err
    assert (
        (folder / result["refused_file"])
        .read_text(encoding="utf-8-sig")
        .splitlines()[1]
        .startswith('"2","Bob","bob","3","email",')
    )


def test_a_map_says_which_column_is_which(folder: Path) -> None:
    path = kept(folder, "nr;wer;post\n1;Ada;ada@example.com\n")
    mapping = kept(folder, json.dumps({"external_id": "nr", "name": "wer", "email": "post"}), "map.json")

    assert rapport_import(path, "--preset", "people", "--map", mapping, "--source", "shop") == 0

    assert Customer.objects.get().email == "ada@example.com"


def test_a_map_cannot_name_a_field_that_files_may_not_set(folder: Path) -> None:
    path = kept(folder, "id,name,owner\n1,Ada,5\n")
    mapping = kept(folder, json.dumps({"external_id": "id", "owner_id": "owner"}), "map.json")

    assert refusal(path, "--preset", "people", "--map", mapping, "--source", "shop").code == 2
    assert not Customer.objects.exists()


def test_a_dry_run_tells_what_would_happen(folder: Path, capsys: Any) -> None:
    assert (
        rapport_import(
            kept(folder, "id,name,email\n1,Ada,ada@example.com\n"), "--source", "shop", "--dry-run", "--json"
        )
        == 0
    )

    result = json.loads(capsys.readouterr().out)
    assert (result["state"], result["figures"]["new"]) == ("draft", 1)
    assert not Customer.objects.exists()


def test_somebody_without_the_right_may_not_import(folder: Path, rita: Any) -> None:
    refused = refusal(kept(folder, "id,name,email\n1,Ada,a@example.com\n"), "--source", "shop", "--as", rita.email)

    assert refused.code == 2
    assert "may not import" in str(refused)
    assert "a role that reaches all records" in str(refused)


def test_who_acts_is_who_started_it(folder: Path, ada: Any) -> None:
    rapport_import(kept(folder, "id,name,email\n1,Ada,a@example.com\n"), "--source", "shop", "--as", ada.email)

    assert Import.objects.get().started_by == ada


def test_an_import_that_stopped_half_way_goes_on_when_the_command_is_given_again(folder: Path, capsys: Any) -> None:
    path = kept(folder, "id,name,email\n1,Ada,a@example.com\n")
    rapport_import(path, "--source", "shop")
    first = Import.objects.get()
    Import.objects.update(state=ImportState.FAILED)

    rapport_import(path, "--source", "shop")

    assert "it goes on" in capsys.readouterr().err
    assert Import.objects.get().pk == first.pk


def test_a_header_without_rows_is_refused(folder: Path) -> None:
    assert "no rows" in str(refusal(kept(folder, "id,name,email\n"), "--source", "shop"))


RETAIL = (
    "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    "1,A1,Mug,1000,2010-12-13 08:26,9747.74793,7,France\n"
)


@pytest.mark.parametrize("dry_run", [("--dry-run",), ()])
def test_amounts_are_printed_as_a_person_reads_them(folder: Path, capsys: Any, dry_run: tuple[str, ...]) -> None:
    words = ("--source", "shop", "--currency", "GBP", "--time-zone", "UTC", *dry_run)

    assert rapport_import(kept(folder, RETAIL), *words) == 0

    out = capsys.readouterr().out
    assert "£9,747,747.93" in out
    assert "micros" not in out


SUBSCRIBERS = """customer id,name,Tenure,Plan,Since,Total,Code,Left
1,Ada,3,basic,2024-01-31, ,007,No
2,Ben,,full,2023-02-01,1234.5,008,Yes
3,Eve,12,basic,,7,009,No
"""


def test_every_other_column_becomes_a_field_of_the_kind_that_its_cells_are(folder: Path, capsys: Any) -> None:
    path = kept(folder, SUBSCRIBERS)

    assert rapport_import(path, "--preset", "people", "--source", "shop", "--fields") == 0

    kinds = {each.label: each.kind for each in CustomField.objects.all()}
    assert kinds == {
        "Tenure": "number", "Plan": "text", "Since": "date", "Total": "number", "Code": "text", "Left": "boolean",
    }  # fmt: skip
    assert "New fields: Tenure (" in capsys.readouterr().err
    ben = Customer.objects.get(name="Ben")
    assert ben.custom == {
        "c_plan": "full",
        "c_since": "2023-02-01",
        "c_total": "1234.5",
        "c_code": "008",
        "c_left": True,
    }
    assert rapport_import(path, "--preset", "people", "--source", "shop", "--fields", "--json") == 0
    assert json.loads(capsys.readouterr().out)["phases"]["people"]["same"] == 3
    assert CustomField.objects.count() == 6


def test_a_column_goes_to_the_field_of_its_label_also_where_that_was_cut(folder: Path) -> None:
    long = "Share of calls that were answered within twenty seconds of the first ring"
    for name in ("a.csv", "b.csv"):
        path = kept(folder, f"id,name,{long}\n1,Ada,{0.5 if name == 'a.csv' else 0.7}\n", name)
        assert rapport_import(path, "--preset", "people", "--source", "shop", "--fields") == 0

    assert CustomField.objects.count() == 1
    assert list(Customer.objects.get().custom.values()) == ["0.7"]


def test_no_field_is_made_where_nothing_is_to_change_or_a_question_is_open(folder: Path, capsys: Any) -> None:
    path = kept(folder, SUBSCRIBERS)
    assert rapport_import(path, "--preset", "people", "--source", "shop", "--dry-run") == 0
    assert (
        "Nothing takes Tenure, Plan, Since, Total, Code, Left. With --fields they become fields."
        in capsys.readouterr().err
    )
    assert rapport_import(path, "--preset", "people", "--source", "shop", "--fields", "--dry-run") == 0
    assert "New fields would be: Tenure (" in capsys.readouterr().err

    unsaid = kept(folder, "id,name,Since\n1,Ada,3/4/1990\n", "unsaid.csv")
    assert "--dates" in str(refusal(unsaid, "--preset", "people", "--source", "shop", "--fields"))

    tasks = kept(folder, "title,due,Weight\nCall,2026-03-01,3\n", "tasks.csv")
    assert "no fields of its own" in str(refusal(tasks, "--preset", "tasks", "--source", "shop", "--fields"))
    assert not CustomField.objects.exists()
    assert not Customer.objects.exists()

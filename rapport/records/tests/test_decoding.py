"""Encodings: what is certain is taken, what is a guess is asked, nothing is ever read wrong in silence."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from rapport.records.imports.decoding import FileRefused, inspect, open_lines
from rapport.records.imports.encodings import OFFERED, offered_name

HEAD = "id,name\n"
KOREAN = HEAD + "1,김민수\n2,이서연\n"
CHINESE = HEAD + "1,王小明\n2,李娜\n"
WESTERN = HEAD + "1,Jürgen Müller\n2,Élodie Dubois\n"
LONG = 400


def kept(tmp_path: Path, content: bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def longer(text: str) -> str:
    return text + text.removeprefix(HEAD) * LONG


@pytest.mark.parametrize("text", [KOREAN, CHINESE, WESTERN, longer(KOREAN)])
@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
def test_unicode_is_certain(tmp_path: Path, text: str, encoding: str, bom: bytes) -> None:
    path = kept(tmp_path, bom + text.encode(encoding))

    found = inspect(path)

    assert found.certain
    with open_lines(path, found.certain) as lines:
        assert lines.read() == text


def test_plain_ascii_is_certain(tmp_path: Path) -> None:
    assert inspect(kept(tmp_path, b"id,name\n1,Ada\n")).certain == "utf-8"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WESTERN, "latin-1"), (WESTERN, "cp1252"), (KOREAN, "cp949"), (CHINESE, "gb18030"), (KOREAN, "utf-16-le"),
        (KOREAN, "utf-16-be"), (HEAD + "1,山田太郎\n", "cp932"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("long", [False, True])
def test_a_guess_is_asked_with_a_preview_in_which_the_text_reads_right(
    tmp_path: Path, text: str, encoding: str, long: bool
) -> None:
    text = longer(text) if long else text

    found = inspect(kept(tmp_path, text.encode(encoding)))

    assert found.certain == ""
    assert text.splitlines()[1] in [sample for c in found.candidates for sample in c.sample.splitlines()]


def test_one_byte_that_is_not_utf8_at_the_end_of_a_long_file_makes_it_a_question(tmp_path: Path) -> None:
    path = kept(tmp_path, longer(KOREAN).encode() * 50 + b"3,\xe9t\xe9\n")

    assert inspect(path).certain == ""


def test_a_character_cut_off_at_the_end_is_not_taken_as_utf8(tmp_path: Path) -> None:
    assert inspect(kept(tmp_path, KOREAN.encode()[:-2])).certain == ""


def test_a_mark_of_unicode_before_other_bytes_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="Line 2") as refusal:
        inspect(kept(tmp_path, codecs.BOM_UTF8 + WESTERN.encode("latin-1")))
    assert refusal.value.line == 2


@pytest.mark.parametrize("content", [b"PK\x03\x04rest of a workbook", b"\xd0\xcf\x11\xe0old workbook", b"%PDF-1.7"])
def test_workbooks_under_another_name_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused, match=r"workbook|PDF"):
        inspect(kept(tmp_path, content))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="empty"):
        inspect(kept(tmp_path, b""))


def test_a_packed_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(longer(WESTERN).encode())

    with pytest.raises(FileRefused, match="cut off"):
        inspect(kept(tmp_path, packed[: len(packed) // 2]))


def test_a_file_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="far more"):
        inspect(kept(tmp_path, gzip.compress(b"a,b\n" + b"0" * (300 << 20), 9)))


WESTERN_NAMES = {
    "German": ["Jürgen Groß", "Käthe Öztürk", "Müller"],
    "Spanish": ["José Peña", "Íñigo Núñez", "María"],
    "Danish": ["Søren Åby", "Århus Ærø", "Bjørn"],
}


def people(names: list[str], *, rows: int, last: str = "") -> str:
    lines = [f"{number},{names[number % len(names)]}\n" for number in range(rows)]
    return HEAD + "".join(lines) + (f"9,{last}\n" if last else "")


@pytest.mark.parametrize("rows", [1, 3, 2000])
@pytest.mark.parametrize("names", WESTERN_NAMES.values(), ids=WESTERN_NAMES)
def test_a_western_file_is_always_offered_as_such_and_before_other_single_byte_encodings(
    tmp_path: Path, names: list[str], rows: int
) -> None:
    found = inspect(kept(tmp_path, people(names, rows=rows).encode("cp1252")))

    offered = [c.encoding for c in found.candidates]
    single = [name for name in offered if name in ("cp1252", "cp1250", "cp1251", "iso-8859-15", "mac-roman", "cp1254")]
    assert single[0] == "cp1252"
    assert names[0] in next(c.sample for c in found.candidates if c.encoding == "cp1252")


def test_the_sample_shows_the_lines_in_which_the_candidates_differ(tmp_path: Path) -> None:
    text = people(["Jürgen Groß", "Käthe"], rows=3000, last="José Peña")

    found = inspect(kept(tmp_path, text.encode("cp1252")))

    samples = {c.encoding: c.sample for c in found.candidates}
    assert "9,José Peña" in samples["cp1252"].splitlines()
    assert "9,José Peńa" in samples["cp1250"].splitlines()
    assert len(set(samples.values())) == len(samples)


def test_of_equally_telling_lines_those_with_most_different_readings_are_shown(tmp_path: Path) -> None:
    text = people(["Jürgen Groß"], rows=20) + "30,José Peña\n31,Søren\n"

    found = inspect(kept(tmp_path, text.encode("cp1252")))

    assert {"30,José Peña", "31,Søren"} <= set(found.candidates[0].sample.splitlines())
    assert found.candidates[0].encoding == "cp1252"


def test_a_difference_far_behind_in_a_long_line_is_shown(tmp_path: Path) -> None:
    text = HEAD + "1," + "so on, " * 300 + "Søren,end\n"

    samples = {c.encoding: c.sample for c in inspect(kept(tmp_path, text.encode("cp1252"))).candidates}

    assert "Søren" in samples["cp1252"]
    assert "Sřren" in samples["cp1250"]


def test_every_encoding_that_is_offered_can_be_given() -> None:
    assert all(offered_name(name) == name for name, _label in OFFERED)
    assert (offered_name("Windows-1252"), offered_name("zip"), offered_name("\0")) == ("cp1252", None, None)

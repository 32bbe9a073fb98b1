"""Files on records: kept by content, named harmlessly, never run, seen by nobody who may not see the record."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.files import JUST_KEPT_SECONDS, StoredFile
from rapport.customers.actions import assign_owner
from rapport.customers.tests.world import make_customer
from rapport.work import actions_files, queries
from rapport.work.actions_files import KEPT_IN_TRASH
from rapport.work.file_names import clean_name
from rapport.work.models import Attachment
from rapport.work.signatures import UNKNOWN, BrokenImage, TooManyPixels, check_pixels, media_type_of
from rapport.work.tests.world import make_file, make_task, png, record_of
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("home")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"
GIF_AND_SCRIPT = b"GIF89a/*\1\0" + b"\0" * 20 + b"*/=1;alert(1)//"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08" + b"%b%b\x03" + b"\0" * 9


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def send(client, customer, *files):
    url = reverse("file_attach", args=["customer", customer.public_id])
    return client.post(url, {"files": [SimpleUploadedFile(name, content) for name, content in files]})


def kept_files(home):
    folder = home / "files"
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def body_of(answer):
    return b"".join(answer.streaming_content)


def test_files_come_in_together_and_stand_on_the_page(as_user, alice, souza):
    answer = send(as_user(alice), souza, ("offer.pdf", b"%PDF-1.7"), ("photo.png", png()))

    assert answer["Location"] == f"{reverse('customer', args=[souza.public_id])}?tab=files#activity"
    page = as_user(alice).get(answer["Location"]).content.decode()
    assert "offer.pdf" in page
    assert "photo.png" in page
    assert [(each.name, each.media_type) for each in queries.files_on(record_of(souza, by=alice))] == [
        ("photo.png", "image/png"),
        ("offer.pdf", "application/pdf"),
    ]


def test_the_same_content_is_kept_once(as_user, alice, souza, home):
    send(as_user(alice), souza, ("a.txt", b"same"), ("b.txt", b"same"))

    assert Attachment.objects.count() == 2
    assert len(kept_files(home)) == 1


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("x.html", HTML, UNKNOWN),
        ("x.svg", SVG, UNKNOWN),
        ("x.png", SVG, UNKNOWN),
        ("x.png", HTML, UNKNOWN),
        ("x.js", b"alert(1)", UNKNOWN),
        ("x.pdf", b"%PDF-1.7", "application/pdf"),
        ("x.docx", b"PK\x03\x04", "application/zip"),
    ],
)
def test_what_is_no_picture_is_only_ever_saved(as_user, alice, souza, name, content, media_type):
    send(as_user(alice), souza, (name, content))
    file = Attachment.objects.get()

    answer = as_user(alice).get(reverse("file", args=[file.public_id]))

    assert file.media_type == media_type
    assert answer["Content-Type"] == UNKNOWN
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert body_of(answer) == content


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [("photo.png", png(), "image/png"), ("x.js", GIF_AND_SCRIPT, "image/gif"), ("x.html", png() + HTML, "image/png")],
)
def test_a_picture_is_shown_as_the_picture_it_is_and_nothing_else(as_user, alice, souza, name, content, media_type):
    send(as_user(alice), souza, (name, content))
    url = reverse("file", args=[Attachment.objects.get().public_id])

    shown, saved = as_user(alice).get(url), as_user(alice).get(f"{url}?save")

    assert shown["Content-Type"] == media_type
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert saved["Content-Disposition"].startswith("attachment")
    assert saved["Content-Type"] == UNKNOWN


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\u200b.htaccess", "htaccess"),
        (".htaccess", "htaccess"),
        ("..\\..\\a", "a"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\offer.pdf", "offer.pdf"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ("gpj.exe\u202egnp", "gpj.exegnp"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ('a<b>"c".txt', "a_b__c_.txt"),
        ("offer.pdf. . ", "offer.pdf"),
        ("\u200b\u200d", "file"),
        ("", "file"),
        ("Ofício nº 3.pdf", "Ofício nº 3.pdf"),
        ("견적서.xlsx", "견적서.xlsx"),
    ],
)
def test_names_lose_what_could_do_harm(sent, kept):
    assert clean_name(sent) == kept


def test_a_long_name_keeps_its_ending():
    shortened = clean_name("é" * 400 + ".pdf")

    assert shortened.endswith("é.pdf")
    assert len(shortened.encode()) <= 180
    assert len(clean_name("x" * 500).encode()) == 180


def test_a_name_in_another_script_comes_back_whole(as_user, alice, souza):
    send(as_user(alice), souza, ("견적서.txt", b"x"))

    answer = as_user(alice).get(reverse("file", args=[Attachment.objects.get().public_id]))

    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%EA%B2%AC%EC%A0%81%EC%84%9C.txt"


def test_a_picture_that_would_fill_the_memory_is_refused_and_nothing_of_it_stays(as_user, alice, souza, home):
    answer = send(as_user(alice), souza, ("huge.png", png(20_000, 20_000)))

    assert answer.status_code == 422
    assert "more than 50 million pixels" in answer.content.decode()
    assert not Attachment.objects.exists()
    assert kept_files(home) == []


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (png(20_000, 20_000), TooManyPixels),
        (JPEG % (b"\xff\xff", b"\xff\xff"), TooManyPixels),
        (b"GIF89a\xff\xff\xff\xff" + b"\0" * 8, TooManyPixels),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\x00\xff\xff\x00", TooManyPixels),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\xff\xff\xff\x0f\0\0\0\0\0", TooManyPixels),
        (b"RIFF\0\0\0\0WEBPnone" + b"\0" * 30, BrokenImage),
        (b"\x89PNG\r\n\x1a\n", BrokenImage),
        (b"GIF89a", BrokenImage),
        (b"\xff\xd8\xff\xe0\x00\x00", BrokenImage),
        (png(0, 5), BrokenImage),
    ],
)
def test_pictures_are_measured_by_their_headers(content, refusal):
    file = io.BytesIO(content)

    with pytest.raises(refusal):
        check_pixels(file, media_type_of(file))


def test_a_usual_photo_passes():
    file = io.BytesIO(JPEG % (b"\x0f\xa0", b"\x0b\xb8"))

    check_pixels(file, media_type_of(file))

    assert file.tell() == 0


def test_a_file_that_is_too_large_is_refused_and_the_others_stay(as_user, alice, souza, home, monkeypatch):
    monkeypatch.setenv("RAPPORT_LARGEST_FILE_MB", "1")

    answer = send(as_user(alice), souza, ("film.mov", b"x" * ((1 << 20) + 1)), ("note.txt", b"kept"))

    page = answer.content.decode()
    assert answer.status_code == 413
    assert "film.mov" in page
    assert "It is larger than 1 MB." in page
    assert "1 other file was added." in page
    assert [each.name for each in Attachment.objects.all()] == ["note.txt"]
    assert len(kept_files(home)) == 1


def test_what_only_begins_like_a_picture_is_kept_as_a_plain_file(as_user, alice, souza):
    send(as_user(alice), souza, ("cut.jpg", b"\xff\xd8\xff\xe0\x00\x00"))

    assert Attachment.objects.get().media_type == UNKNOWN


def test_too_many_at_once_are_refused_as_a_whole(as_user, alice, souza, home):
    answer = send(as_user(alice), souza, *((f"{number}.txt", b"x") for number in range(11)))

    assert answer.status_code == 413
    assert not Attachment.objects.exists()
    assert kept_files(home) == []


def test_no_file_is_refused_in_words(as_user, alice, souza):
    url = reverse("file_attach", args=["customer", souza.public_id])

    assert "choose a file first" in as_user(alice).post(url, follow=True).content.decode()


def test_an_archive_that_would_unpack_without_end_is_only_kept(as_user, alice, souza):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (50 << 20))

    send(as_user(alice), souza, ("bomb.xlsx", packed.getvalue()))

    file = Attachment.objects.get()
    assert (file.media_type, file.size) == ("application/zip", len(packed.getvalue()))
    assert file.size < 100_000


def test_a_file_of_others_does_not_exist(as_user, alice, charlie, rita, ada, souza):
    file = make_file(by=alice, on=souza)
    url = reverse("file", args=[file.public_id])
    near = [uuid.UUID(int=file.public_id.int + step) for step in (1, -1)]

    assert as_user(ada).get(url).status_code == 200
    assert as_user(rita).get(url).status_code == 200
    assert as_user(charlie).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    for each in near:
        assert as_user(ada).get(reverse("file", args=[each])).status_code == 404
    assert as_user(ada).get(f"/files/{file.pk}/").status_code == 404
    assert as_user(ada).get(f"/files/{file.digest}/").status_code == 404


def test_a_file_is_gone_at_once_when_its_customer_is_given_away(as_user, alice, bob, charlie, ada, souza):
    file = make_file(by=alice, on=souza)
    client = as_user(bob)
    url = reverse("file", args=[file.public_id])
    assert client.get(url).status_code == 200

    assign_owner(souza, charlie, by=ada, now=NOW)

    for name in ("file", "file_trash", "file_restore"):
        path = reverse(name, args=[file.public_id])
        assert client.get(path).status_code in (404, 405)
        assert client.post(path).status_code in (404, 405)
    assert as_user(charlie).get(url).status_code == 200


def test_a_file_on_a_task_about_nothing_is_seen_with_the_task(as_user, alice, bob, charlie):
    file = make_file(by=alice, on=queries.record_of_task(make_task(by=alice)))
    url = reverse("file", args=[file.public_id])

    assert as_user(bob).get(url).status_code == 200
    assert as_user(charlie).get(url).status_code == 404


def test_with_scripts_only_the_files_are_put_in_anew(as_user, alice, souza):
    client, part = as_user(alice), {"HX-Request": "true"}
    url = reverse("file_attach", args=["customer", souza.public_id])

    sent = client.post(url, {"files": [SimpleUploadedFile("offer.txt", b"an offer")]}, headers=part).content.decode()
    file = Attachment.objects.get()
    gone = client.post(reverse("file_trash", args=[file.public_id]), headers=part).content.decode()
    back = client.post(reverse("file_restore", args=[file.public_id]), headers=part).content.decode()
    refused = client.post(url, {"files": [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]}, headers=part)

    assert sent.lstrip().startswith('<div class="files" id="files-part">')
    assert all(each in sent for each in ("offer.txt", "1 file added."))
    assert all(each in gone for each in ("No file here yet.", "1 file in the trash", "autofocus"))
    assert "offer.txt is back." in back
    assert refused.status_code == 422
    assert "At most 10 files can be sent at once" in refused.content.decode()


def test_a_deleted_file_lies_in_the_trash_and_can_be_brought_back(as_user, alice, souza):
    file = make_file(by=alice, on=souza)
    client, url = as_user(alice), reverse("file", args=[file.public_id])

    page = client.post(reverse("file_trash", args=[file.public_id]), follow=True).content.decode()

    assert "1 file in the trash" in page
    assert reverse("file_restore", args=[file.public_id]) in page
    assert client.get(url).status_code == 404
    client.post(reverse("file_restore", args=[file.public_id]))
    assert client.get(url).status_code == 200


def test_a_reader_deletes_nothing_and_sends_nothing(as_user, alice, rita, souza, home):
    file = make_file(by=alice, on=souza)

    assert as_user(rita).post(reverse("file_trash", args=[file.public_id])).status_code == 403
    assert send(as_user(rita), souza, ("x.txt", b"x")).status_code == 403
    assert len(kept_files(home)) == 1
    assert Attachment.objects.filter(trashed_at=None).count() == 1


def test_the_trash_is_emptied_after_its_time_and_the_bytes_go_when_nothing_names_them(alice, souza, home):
    old, young, same = (
        make_file(name, content, by=alice, on=souza)
        for name, content in (("old.txt", b"old"), ("young.txt", b"young"), ("same.txt", b"old"))
    )
    actions_files.trash_file(old, by=alice, now=NOW)
    actions_files.trash_file(young, by=alice, now=NOW + timedelta(days=5))
    later = NOW + KEPT_IN_TRASH + timedelta(minutes=1)

    assert actions_files.empty_trash(now=later) == {"files": 1, "comments": 0}

    stored = StoredFile(old.digest, old.size)
    much_later = later + timedelta(days=3650, seconds=JUST_KEPT_SECONDS)
    assert not actions_files.remove_bytes(stored, now=much_later)
    actions_files.trash_file(same, by=alice, now=NOW)
    assert actions_files.empty_trash(now=later)["files"] == 1
    assert actions_files.remove_bytes(stored, now=much_later)
    assert [path.name for path in kept_files(home)] == [young.digest]


def test_a_file_whose_bytes_are_lost_is_not_found(as_user, alice, souza):
    file = make_file(by=alice, on=souza)
    StoredFile(file.digest, file.size).path.unlink()

    assert as_user(alice).get(reverse("file", args=[file.public_id])).status_code == 404


def test_a_failed_write_leaves_no_row_and_has_the_bytes_removed(alice, souza, monkeypatch):
    record = record_of(souza, by=alice)
    monkeypatch.setattr(actions_files, "place_of", lambda record: {"record_kind": None})

    with pytest.raises(IntegrityError):
        actions_files.attach_file(record, SimpleUploadedFile("x.txt", b"x"), by=alice, now=NOW)

    assert not Attachment.objects.exists()
    assert ProcrastinateJob.objects.filter(task_name="work.remove_file").count() == 1

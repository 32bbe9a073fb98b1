"""R18: the disk is full under the files, or under the database: plain words, nothing torn, and on again once there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.faults.house import House, demolish, new_home, wait_for

pytestmark = [
    pytest.mark.fault,
    pytest.mark.xdist_group("faults"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]


def mount(folder: Path, *, size: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", folder], check=False
    ).returncode:
        pytest.skip("this machine lets nobody mount a small disk")


@pytest.fixture
def small_files(home: Path) -> Iterator[Path]:
    folder = home / "files"
    mount(folder, size="2m")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def small_house(migrated_home: Path) -> Iterator[House]:
    """A house whose whole home is a disk of 200 MB, 30 of them taken by a file that can be removed."""
    house = House(new_home())
    mount(house.home, size="200m")
    subprocess.run(["cp", "-a", f"{migrated_home}/.", str(house.home)], check=True)
    (house.home / "ballast").write_bytes(b"\0" * 30_000_000)
    yield house
    house.stop()
    house.cluster.stop()
    subprocess.run(["umount", house.home], check=True)
    demolish(house)


@pytest.mark.urls("tests.faults.urls")
def test_an_upload_that_does_not_fit_is_refused_in_words_and_leaves_nothing(small_files: Path) -> None:
    client = Client(raise_request_exception=False)
    fits = client.post("/faults/keep", {"file": SimpleUploadedFile("a.csv", b"a" * 1_000_000)})
    before = sorted(small_files.rglob("*"))

    refused = client.post("/faults/keep", {"file": SimpleUploadedFile("b.csv", os.urandom(1_800_000))})

    assert fits.status_code == 200
    assert refused.status_code == 507
    assert refused["Retry-After"] == "60"
    assert "The disk is full" in refused.text
    assert "Nothing of what you sent was kept" in refused.text
    assert sorted(small_files.rglob("*")) == before
    for path in before:
        if path.is_file():
            path.unlink()
    assert client.post("/faults/keep", {"file": SimpleUploadedFile("b.csv", b"b" * 1_800_000)}).status_code == 200


@pytest.mark.urls("tests.faults.urls")
def test_a_program_is_told_in_plain_text(small_files: Path) -> None:
    client = Client(raise_request_exception=False, headers={"accept": "application/json"})

    refused = client.post("/faults/keep", {"file": SimpleUploadedFile("b.csv", os.urandom(2_200_000))})

    assert refused.status_code == 507
    assert refused["Content-Type"] == "text/plain; charset=utf-8"
    assert refused.text.startswith("The disk is full. Nothing")


def test_a_database_without_room_refuses_keeps_what_it_has_and_goes_on_once_there_is_room(small_house: House) -> None:
    house = small_house
    house.start()
    with house.database() as database:
        database.execute("create table faults_ledger (token text not null)")
        database.execute("grant select, insert on faults_ledger to rapport_app")
    assert house.post("/faults/add", token="kept").status == 200

    answers = [house.post("/faults/fill", kilobytes="6000").status for _ in range(40)]

    assert answers[0] == 200
    assert set(answers) <= {200, 503, 507}
    assert answers[-1] in (503, 507)
    (house.home / "ballast").unlink()
    wait_for(lambda: house.get("/faults/count", token="kept").text == "1", within=60)
    wait_for(lambda: house.post("/faults/add", token="after").status == 200, within=60)
    with house.database() as database:
        filled = database.execute("select count(*) from faults_ledger where length(token) > 900").fetchone()
    assert filled == (answers.count(200) * 6000,)

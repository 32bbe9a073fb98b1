"""R22: everything comes back at another path and as another user, to the row; who was erased since is erased again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rapport.core.postgres import OWNER_ROLE, Cluster, client_program
from tests.faults.house import CHECKOUT, House, demolish, new_home, wait_for
from tests.row_hashes import hash_query, hashed_tables

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("lasting-faults")]

PEOPLE = "id,name,e-mail,Email Opt Out\n" + "".join(
    f"{n},Person {n},p{n}@example.com,{n % 7 == 0}\n" for n in range(500)
)
MORE = "id,name,e-mail\n" + "".join(f"{n},New Person {n},n{n}@example.com\n" for n in range(490, 520))
IMPORT = ("--preset", "people", "--source", "shop", "--json")
_SET_UP = """
from rapport.accounts.actions import set_up_business
from rapport.core.clock import utc_now
set_up_business(business_name="Tiny Ltd", time_zone="UTC", currency="EUR", name="Ada", email="ada@example.com",
                password="correct horse battery", now=utc_now())
"""
_BACK_UP = """
from procrastinate.contrib.django import app
app.configure_task("backup.make", queue="backup").defer()
"""
_ERASE = """
from rapport.accounts.models import User
from rapport.core.clock import utc_now
from rapport.customers.models import Customer
from rapport.privacy import actions
from rapport.config.backup import copy_erasures
from pathlib import Path
ada, customer = User.objects.get(), Customer.objects.get(name="Person 7")
asked = actions.ask_for_erasure(customer.pk, public_id=str(customer.public_id), ground="asked", by=ada, now=utc_now())
actions.erase(asked, by=ada, now=utc_now())
copy_erasures(Path("{folder}"))
"""


def run(house: House, *words: str) -> str:
    done = house.rapport(*words)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def shell(house: House, text: str) -> None:
    run(house, "manage", "shell", "-c", text)


def bring_in(house: House, text: str) -> None:
    path = house.home.parent / f"{house.home.name}.csv"
    path.write_text(text)
    try:
        run(house, "import", str(path), *IMPORT)
    finally:
        path.unlink()


def hashes(home: Path) -> dict[str, str]:
    """The tables as they are, logs left out; the house need not run."""
    cluster = Cluster(home / "postgres")
    with cluster.in_use(), psycopg.connect(cluster.url(role=OWNER_ROLE)) as database:
        return {table: str(_one(database, hash_query(table))) for table in hashed_tables()}


def schema(home: Path) -> list[str]:
    """Everything that is declared: tables, partitions, sequences, functions, triggers, rights."""
    cluster = Cluster(home / "postgres")
    with cluster.in_use():
        dumped = subprocess.run(
            [client_program("pg_dump"), "--schema-only", f"--dbname={cluster.url(role=OWNER_ROLE)}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    # conditions that were read back are written with other brackets and casts
    said = (line.partition(" WHERE ")[0] for line in dumped.stdout.splitlines())
    return [line for line in said if line.startswith(("CREATE ", "ALTER ", "GRANT ", "REVOKE "))]


def ask(home: Path, query: str) -> Any:
    cluster = Cluster(home / "postgres")
    with cluster.in_use(), psycopg.connect(cluster.url(role=OWNER_ROLE)) as database:
        return _one(database, query)


def _one(database: psycopg.Connection[Any], query: Any) -> Any:
    return (database.execute(query).fetchone() or (None,))[0]


@pytest.fixture(scope="module")
def lived_in(migrated_home: Path) -> Iterator[House]:
    """A house with a business, an import, its file and secrets."""
    house = House(new_home())
    subprocess.run(["cp", "-a", f"{migrated_home}/.", str(house.home)], check=True)
    try:
        shell(house, _SET_UP)
        bring_in(house, PEOPLE)
        run(house, "audit", "seal")
        yield house
    finally:
        demolish(house)


@pytest.fixture(scope="module")
def archive(lived_in: House) -> Iterator[Path]:
    folder = new_home("backups-")
    path = folder / "everything.tar"
    said = run(lived_in, "backup", "--to", str(path))
    assert str(path) in said
    yield path
    shutil.rmtree(folder)


@pytest.fixture
def empty() -> Iterator[House]:
    house = House(new_home("restored-"))
    yield house
    demolish(house)


def test_everything_comes_back_at_another_path_and_goes_on(lived_in: House, archive: Path, empty: House) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    before = hashes(lived_in.home)

    run(empty, "restore", str(archive))

    assert hashes(empty.home) == before
    assert schema(empty.home) == schema(lived_in.home)
    assert (empty.home / "secret-key").read_text() == (lived_in.home / "secret-key").read_text()
    assert stored(empty.home) == stored(lived_in.home) != {}
    assert "The trail is whole" in run(empty, "audit", "verify")
    bring_in(empty, MORE)
    assert ask(empty.home, "select count(*) from customers_profile") == 520
    last = ask(empty.home, "select max(id) from records_import")
    run(empty, "import", "--undo", str(last))
    assert hashes(empty.home) == before
    run(empty, "refresh")
    assert any((empty.home / "warehouse").glob("*/*"))


def test_a_restored_house_serves_and_works_off_its_jobs(archive: Path, empty: House) -> None:
    run(empty, "restore", str(archive))
    waiting = "select count(*) from procrastinate_jobs where task_name = 'insight.refresh' and status = 'todo'"
    assert ask(empty.home, waiting) == 1

    empty.start()

    assert empty.get("/account/login/").status == 200
    wait_for(lambda: any((empty.home / "warehouse").glob("*/*/*.parquet")), within=60)
    shell(empty, _BACK_UP)
    wait_for(lambda: any((empty.home / "backups").glob("rapport-*.tar")), within=60)
    empty.stop()


def stored(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home / "files").glob("??/*")}


def test_a_backup_can_be_made_while_the_house_runs_and_is_of_one_moment(lived_in: House, empty: House) -> None:
    folder = new_home("backups-")
    lived_in.start()
    try:
        run(lived_in, "backup", "--to", str(folder))
    finally:
        lived_in.stop()
    (path,) = folder.glob("rapport-*.tar")

    run(empty, "restore", str(path))

    assert hashes(empty.home) == hashes(lived_in.home)
    shutil.rmtree(folder)


def test_another_user_can_restore(archive: Path, empty: House) -> None:
    """Under another number, which owns neither the archive's home nor may anything that root may."""
    words = [*empty._command("restore", str(archive))]
    as_other = ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.geteuid() == 0 else []

    done = subprocess.run(
        [*as_other, *words], env=empty._environment(), cwd=CHECKOUT, capture_output=True, text=True, timeout=900
    )

    assert done.returncode == 0, done.stderr[-3000:]
    verified = subprocess.run(
        [*as_other, *empty._command("audit", "verify")], env=empty._environment(), cwd=CHECKOUT, capture_output=True,
        text=True, timeout=600,
    )  # fmt: skip
    assert "The trail is whole" in verified.stdout


def test_whoever_was_erased_after_the_backup_is_erased_again(migrated_home: Path, empty: House) -> None:
    house, folder = House(new_home()), new_home("backups-")
    subprocess.run(["cp", "-a", f"{migrated_home}/.", str(house.home)], check=True)
    try:
        shell(house, _SET_UP)
        bring_in(house, PEOPLE)
        run(house, "backup", "--to", str(folder / "before.tar"))
        shell(house, _ERASE.format(folder=folder))
    finally:
        demolish(house)
    assert (folder / "erasures.log").stat().st_mode & 0o777 == 0o600

    run(empty, "restore", str(folder / "before.tar"))

    assert ask(empty.home, "select count(*) from customers_customer where name = 'Person 7'") == 0
    assert ask(empty.home, "select count(*) from customers_profile") == 499
    assert "The trail is whole" in run(empty, "audit", "verify")
    shutil.rmtree(folder)


def test_a_home_that_is_in_use_is_not_overwritten(lived_in: House, archive: Path) -> None:
    before = hashes(lived_in.home)

    refused = lived_in.rapport("restore", str(archive))

    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    assert hashes(lived_in.home) == before


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("cut", "damaged|cut off"),
        ("flip", "is damaged: database.dump"),
        ("text", "is no backup of Rapport"),
        ("missing", "There is no file"),
    ],
)
def test_a_damaged_archive_is_refused_and_leaves_nothing(archive: Path, empty: House, harm: str, words: str) -> None:
    path = archive.with_name("harmed.tar")
    content = bytearray(archive.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    path.write_bytes({"cut": content[: len(content) - 9_000], "text": b"id,name\n" * 99}.get(harm, content))
    if harm == "missing":
        path.unlink()

    refused = empty.rapport("restore", str(path))

    path.unlink(missing_ok=True)
    assert refused.returncode == 1
    assert any(word in refused.stderr for word in words.split("|")), refused.stderr
    assert sorted(found.name for found in empty.home.iterdir()) in ([], ["secret-key"])


def test_a_backup_never_overwrites_a_file(lived_in: House, archive: Path) -> None:
    refused = lived_in.rapport("backup", "--to", str(archive))

    assert refused.returncode == 1
    assert "never overwrites" in refused.stderr
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith(".")] == []


def test_a_backup_that_is_killed_leaves_no_archive(lived_in: House) -> None:
    folder = new_home("backups-")
    making = subprocess.Popen(
        [sys.executable, "-m", "rapport.config.cli", "backup", "--to", str(folder / "killed.tar")],
        env=lived_in._environment(), cwd=CHECKOUT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert making.stderr is not None
    for line in making.stderr:
        if "Dumping" in line:
            making.kill()
            break
    making.wait()

    assert not (folder / "killed.tar").exists()
    run(lived_in, "backup", "--to", str(folder / "next.tar"))
    shutil.rmtree(folder)

"""The embedded server: whoever starts it, wherever its folder is, whatever was left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from rapport.core import postgres
from rapport.core.postgres import OWNER_ROLE, Cluster, DatabaseUnavailable

pytestmark = pytest.mark.xdist_group("postgres")
CHECKOUT = Path(__file__).parents[3]
IS_ROOT = os.geteuid() == 0
START = "import sys; from pathlib import Path; from rapport.core.postgres import Cluster; "
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can act for other users")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user of the machine can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(reachable: Path) -> Iterator[Cluster]:
    cluster = Cluster(reachable / "postgres", fast=True)
    yield cluster
    cluster.stop()


def postmaster(cluster: Cluster) -> psutil.Process:
    return psutil.Process(int((cluster.data / "postmaster.pid").read_text().split("\n")[0]))


def ask(cluster: Cluster, question: str) -> object:
    with psycopg.connect(cluster.url(role=OWNER_ROLE)) as connection:
        row = connection.execute(question).fetchone()
    return row and row[0]


def start_in_a_process(
    cluster: Cluster, *, then: str = "", python: str = sys.executable, **options: object
) -> subprocess.Popen[str]:
    script = f"{START} c = Cluster(Path(sys.argv[1]), fast=True); c.start(); {then}"
    return subprocess.Popen(
        [python, "-c", script, str(cluster.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), *sys.path])},
        **options,
    )  # type: ignore[call-overload]


def interpreter_for(user: str) -> str:
    """A Python of our version that `user` can run: ours may be in somebody's home."""
    for python in (sys.executable, "/usr/bin/python3"):
        tried = "import sys; sys.path[:0] = sys.argv[1:]; import rapport.core.postgres; print(sys.version_info[:2])"
        try:
            said = subprocess.run(
                [python, "-c", tried, str(CHECKOUT), *sys.path], user=user, extra_groups=[], cwd="/", check=True,
                capture_output=True, text=True,
            )  # fmt: skip
        except (OSError, subprocess.CalledProcessError):
            continue
        if said.stdout.strip() == str(sys.version_info[:2]):
            return python
    pytest.skip(f"no Python or checkout that {user} can reach")


def test_a_server_that_was_started_answers_and_one_that_was_stopped_does_not(cluster: Cluster) -> None:
    cluster.start()
    process = postmaster(cluster)

    assert cluster.is_running()
    assert ask(cluster, "show listen_addresses") == ""
    cluster.stop()

    assert not cluster.is_running()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    cluster.stop()  # once more is no error


@needs_root
def test_root_has_the_server_run_as_an_ordinary_user_in_folders_nobody_else_can_open(cluster: Cluster) -> None:
    cluster.start()

    assert postmaster(cluster).uids().real != 0
    assert cluster.data.stat().st_mode & 0o077 == 0
    assert cluster.socket_folder.stat().st_mode & 0o077 == 0


@needs_root
def test_root_can_keep_it_where_no_other_user_can_look(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "postgres", fast=True)

    with cluster.in_use():
        assert ask(cluster, "select 1") == 1

    assert not cluster.is_running()


@needs_root
def test_an_ordinary_user_runs_it_as_themselves(reachable: Path) -> None:
    cluster = Cluster(reachable / "postgres", fast=True)
    shutil.chown(reachable, "nobody")
    python = interpreter_for("nobody")

    started = start_in_a_process(
        cluster, then="print(c.is_running()); c.stop()", python=python, user="nobody", extra_groups=[]
    )
    said, complaint = started.communicate(timeout=300)

    assert said.strip() == "True", complaint
    assert cluster.data.owner() == "nobody"


def test_a_folder_with_spaces_quotes_and_letters_is_no_obstacle(reachable: Path) -> None:
    cluster = Cluster(reachable / "Ünser Laden's %40 files" / "postgres", fast=True)

    with cluster.in_use():
        assert ask(cluster, "select 1") == 1


def test_a_folder_too_deep_for_a_socket_gets_a_short_one_elsewhere(reachable: Path) -> None:
    cluster = Cluster(reachable / ("deep" * 20) / "postgres", fast=True)

    with cluster.in_use():
        assert ask(cluster, "select 1") == 1
        assert len(str(cluster.socket_folder)) < 60
    shutil.rmtree(cluster.socket_folder)


@needs_root
def test_a_socket_folder_prepared_by_somebody_else_is_refused(reachable: Path) -> None:
    cluster = Cluster(reachable / ("deep" * 20) / "postgres", fast=True)
    cluster.socket_folder.mkdir()
    shutil.chown(cluster.socket_folder, "daemon")

    with pytest.raises(DatabaseUnavailable, match="belongs to somebody else"):
        cluster.start()

    cluster.socket_folder.rmdir()


def test_files_of_another_version_are_refused_in_words(cluster: Cluster) -> None:
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(DatabaseUnavailable, match="made by PostgreSQL 9"):
        cluster.start()

    assert (cluster.data / "PG_VERSION").exists()


def test_an_initdb_that_was_cut_off_is_done_again(cluster: Cluster) -> None:
    cluster.data.mkdir(parents=True)
    (cluster.data / "postgresql.conf").write_text("half a file")

    cluster.start()

    assert cluster.is_running()


@pytest.mark.fault
def test_two_starters_at_once_are_served_by_one_server(cluster: Cluster) -> None:
    started = [start_in_a_process(cluster, then="print(c.is_running())") for _ in range(2)]

    assert [process.communicate(timeout=300)[0].strip() for process in started] == ["True", "True"]
    servers = [p for p in psutil.process_iter() if str(cluster.data) in _command_of(p)]
    assert [p.pid for p in servers] == [postmaster(cluster).pid]


@pytest.mark.fault
def test_a_pid_file_that_names_a_strangers_process_neither_stops_us_nor_hurts_it(cluster: Cluster) -> None:
    cluster.start()
    identity = postmaster(cluster).uids().real
    cluster.stop()
    as_server = {"user": identity} if IS_ROOT else {}
    stranger = subprocess.Popen(["sleep", "600"], **as_server)  # type: ignore[call-overload]
    pid_file = cluster.data / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{cluster.data}\n")

    cluster.stop()
    pid_file.write_text(f"{stranger.pid}\n{cluster.data}\n")
    cluster.start()

    assert cluster.is_running()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.fault
def test_a_killed_server_starts_again_at_once_with_everything_that_was_committed(cluster: Cluster) -> None:
    durable = Cluster(cluster.folder)  # with fsync, as in real use
    durable.start()
    with psycopg.connect(durable.url(role=OWNER_ROLE), autocommit=True) as client:
        client.execute("create table kept (n int)")
        client.execute("insert into kept select generate_series(1, 1000)")

        postmaster(durable).send_signal(signal.SIGKILL)
        durable.start()

    assert ask(durable, "select count(*) from kept") == 1000


@pytest.mark.fault
def test_the_last_user_out_stops_it_and_no_earlier_one(cluster: Cluster) -> None:
    with cluster.in_use():
        other = subprocess.Popen(
            [sys.executable, "-c", f"{START} c = Cluster(Path(sys.argv[1]), fast=True)\nwith c.in_use(): print(c.is_running())",
             str(cluster.folder)],
            stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
        )  # fmt: skip
        assert other.communicate(timeout=300)[0].strip() == "True"
        assert cluster.is_running()

    assert not cluster.is_running()


@pytest.mark.fault
def test_many_short_users_at_once_each_find_it_running_and_leave_nothing(cluster: Cluster) -> None:
    script = f"{START} c = Cluster(Path(sys.argv[1]), fast=True)\nfor _ in range(3):\n with c.in_use(): assert c.is_running()"
    users = [subprocess.Popen([sys.executable, "-c", script, str(cluster.folder)], cwd=CHECKOUT) for _ in range(4)]

    assert [user.wait(timeout=300) for user in users] == [0, 0, 0, 0]
    assert not cluster.is_running()


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_settings_of_other_clients_do_not_lead_astray(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")

    cluster.start()

    assert cluster.is_running()
    assert postgres.PORT == 5432

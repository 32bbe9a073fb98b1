"""Issue 2: the house, and the main job on real input."""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg

from rapport.core.postgres import OWNER_ROLE, Cluster
from tests.prove.claims import DATA, ROOT, Claim, Seen, Shell, goals_reached, tests_pass
from tests.row_hashes import hash_query, hashed_tables

RETAIL = DATA / "online_retail.csv.gz"
RETAIL_OPTIONS = (
    "--preset", "retail-lines", "--dates", "mdy", "--encoding", "utf-8", "--currency", "GBP",
    "--time-zone", "Europe/London", "--source", "shop",
)  # fmt: skip
RETAIL_FACTS = {
    "lines": 541_909,
    "orders": 25_900,
    "cancellations": 3_836,
    "customers": 4_372,
    "products": 4_070,
    "net_micros": 9_747_747_934_000,
    "net_with_customer_micros": 8_300_065_814_000,
    "lines_without_customer": 541_909 - 406_829,
}
RFM_2011_12_10 = {
    "customers": 4339,
    "recency": [869, 889, 866, 889, 826],
    "frequency": [1494, 835, 508, 802, 700],
}
_FACTS_SQL = """
select (select count(*) from commerce_orderline),
       (select count(*) from commerce_order),
       (select count(*) from commerce_order where kind = 'cancellation'),
       (select count(*) from customers_customer),
       (select count(*) from commerce_product),
       (select sum(amount_micros) from commerce_orderline)::bigint,
       (select sum(l.amount_micros) from commerce_orderline l join commerce_order o on o.id = l.order_id
         where o.customer_id is not null)::bigint,
       (select count(*) from commerce_orderline l join commerce_order o on o.id = l.order_id where o.customer_id is null)
"""


def fresh_clone_serves_the_demo(folder: Path) -> Seen:
    """Clone, `make run`, sign in with the printed password, read the customer list; then stop and count processes."""
    return _make_run(folder, as_user=None)


def fresh_clone_serves_the_demo_to_a_normal_user(folder: Path) -> Seen:
    if os.geteuid() != 0:
        return Seen("not root here: the claim above was already run as a normal user", True)
    return _make_run(folder, as_user="nobody")


def fresh_clone_passes_its_tests(folder: Path) -> Seen:
    clone = _clone(folder)
    started = time.perf_counter()
    ran = Shell(clone).run("make", "test", timeout=1800)
    lines = ran.stdout.strip().splitlines() or ran.stderr.strip().splitlines() or [""]
    return Seen(f"{lines[-1].strip()} in {time.perf_counter() - started:.0f} s", ran.returncode == 0)


def retail_comes_in_whole(folder: Path) -> Seen:
    shell = _home(folder)
    _import_retail(shell)
    seen = _retail_facts(folder)
    return Seen(json.dumps(seen), seen == RETAIL_FACTS)


def retail_twice_changes_nothing_and_undo_restores(folder: Path) -> Seen:
    shell = _home(folder)
    shell.rapport("migrate")
    before = _hashes(folder)
    first = _import_retail(shell)
    once = _hashes(folder)
    _import_retail(shell)
    twice = _hashes(folder)
    undone = shell.rapport("import", "--undo", str(first["id"]), "--json")
    after = _hashes(folder)
    changed = sorted(table for table in twice if twice[table] != once.get(table))
    left = sorted(table for table in after if after[table] != before.get(table))
    text = f"second import changed {changed or 'nothing'}; undo exit {undone.returncode}, different: {left or 'none'}"
    return Seen(text, not changed and not left and undone.returncode == 0)


def rfm_has_the_published_bands(folder: Path) -> Seen:
    shell = _home(folder)
    _import_retail(shell)
    seen = []
    for threads in ("1", "4", "4"):
        ran = shell.rapport("report", "rfm", "--as-of", "2011-12-10", "--threads", threads, "--json")
        report = json.loads(ran.stdout)
        seen.append(
            {"customers": report["customers"]}
            | {name: list(report["bands"][name].values()) for name in ("recency", "frequency")}
        )
    return Seen(json.dumps(seen[0]) + ", three times the same", seen == [RFM_2011_12_10] * 3)


def screenshots(folder: Path) -> Seen:
    ran = Shell(ROOT).run("make", "screenshots", timeout=1800)
    lines = ran.stdout.strip().splitlines() or [ran.stderr[-300:]]
    return Seen(lines[-1], ran.returncode == 0)


def _clone(folder: Path) -> Path:
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    return clone


def _make_run(folder: Path, *, as_user: str | None) -> Seen:
    folder.chmod(0o755)
    clone = _clone(folder)
    port = _free_port()
    shell = Shell(clone, PORT=str(port))
    command = ["make", "run"]
    if as_user is not None:
        shell.environment["HOME"] = str(folder)
        subprocess.run(["chown", "-R", as_user, str(folder)], check=True)
        command = ["setpriv", f"--reuid={as_user}", f"--regid={_group_of(as_user)}", "--clear-groups", *command]
    command = ["taskset", "-c", "0,1", *command]
    output = folder / "output.txt"
    started = time.perf_counter()
    with output.open("w") as sink:
        process = subprocess.Popen(
            command, cwd=clone, env=shell.environment, stdout=sink, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        email, password = _printed_sign_in(output, process, seconds=600)
        page = _customer_list(port, email, password)
        ready = time.perf_counter() - started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    rows = len(set(re.findall(r"/customers/[0-9a-f-]{36}/", page)))
    left = _processes_under(folder)
    who = as_user or "root"
    text = (
        f"{rows} customers on the page {ready:.0f} s after `make run` as {who} on 2 cores; {len(left)} processes left"
    )
    return Seen(text, rows >= 25 and not left)


def _printed_sign_in(output: Path, process: subprocess.Popen[bytes], *, seconds: float) -> tuple[str, str]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        text = output.read_text(errors="replace")
        found = re.search(r"(\S+@\S+\.example)\s+(\S{10,})", text)
        if found and "http://" in text.split(found.group(0))[-1] + text:
            return found.group(1), found.group(2)
        if process.poll() is not None:
            raise RuntimeError(f"make run ended: {text[-800:]}")
        time.sleep(0.2)
    raise TimeoutError(f"no sign-in was printed: {output.read_text(errors='replace')[-800:]}")


def _customer_list(port: int, email: str, password: str) -> str:
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    base = f"http://localhost:{port}"
    for _ in range(600):
        with contextlib.suppress(OSError, http.client.HTTPException):
            form = browser.open(f"{base}/account/login/").read().decode()
            break
        time.sleep(0.2)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if token is None:
        raise RuntimeError("the sign-in page has no form")
    fields = {"login": email, "password": password, "csrfmiddlewaretoken": token.group(1)}
    request = urllib.request.Request(
        f"{base}/account/login/", urllib.parse.urlencode(fields).encode(), {"Referer": f"{base}/account/login/"}
    )
    browser.open(request).read()
    return browser.open(f"{base}/customers/").read().decode()


def _processes_under(folder: Path) -> list[str]:
    time.sleep(1)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def _group_of(user: str) -> str:
    return subprocess.run(["id", "-gn", user], capture_output=True, text=True, check=True).stdout.strip()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _home(folder: Path) -> Shell:
    folder.chmod(0o755)
    return Shell(ROOT, RAPPORT_HOME=str(folder / "home"))


def _import_retail(shell: Shell) -> dict[str, object]:
    ran = shell.rapport("import", RETAIL, *RETAIL_OPTIONS, "--json")
    if ran.returncode:
        raise RuntimeError(f"rapport import: exit {ran.returncode}: {ran.stderr[-500:]}")
    result: dict[str, object] = json.loads(ran.stdout)
    return result


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    cluster = Cluster(folder / "home" / "postgres")
    with cluster.in_use(), psycopg.connect(cluster.url(role=OWNER_ROLE)) as connection:
        yield connection


def _hashes(folder: Path) -> dict[str, str]:
    with _database(folder) as connection:
        return {table: str(connection.execute(hash_query(table)).fetchone()) for table in hashed_tables()}


def _retail_facts(folder: Path) -> dict[str, int]:
    with _database(folder) as connection:
        row = connection.execute(_FACTS_SQL).fetchone()
    return dict(zip(RETAIL_FACTS, row or (), strict=True))  # type: ignore[arg-type]


CLAIMS = (
    Claim(
        2, "make run as root", "the demo's customer list, signed in; no process left", fresh_clone_serves_the_demo, True
    ),
    Claim(2, "make run as a normal user", "the same", fresh_clone_serves_the_demo_to_a_normal_user, True),
    Claim(2, "make test on a fresh clone", "all passed", fresh_clone_passes_its_tests, True),
    Claim(2, "online retail comes in whole", json.dumps(RETAIL_FACTS), retail_comes_in_whole),
    Claim(
        2,
        "online retail again, then undone",
        "nothing changes; every table as before",
        retail_twice_changes_nothing_and_undo_restores,
    ),
    Claim(2, "rfm as of 2011-12-10", json.dumps(RFM_2011_12_10), rfm_has_the_published_bands),
    Claim(2, "the traps of online retail", "tests pass", tests_pass("rapport/commerce", "rapport/records")),
    Claim(2, "trust: security", "tests pass", tests_pass("tests/security")),
    Claim(2, "trust: faults", "tests pass", tests_pass("tests/faults")),
    Claim(2, "the audit chain", "tests pass", tests_pass("rapport/audit")),
    Claim(2, "the house's rules", "tests pass", tests_pass("tests/architecture")),
    Claim(2, "real browser", "tests pass", tests_pass("tests/browser"), True),
    Claim(2, "screenshots", "every page", screenshots, True),
    Claim(
        2,
        "benchmarks of the house",
        "import ≤ 35 × COPY under 512 MB; rfm ≤ 2 ×; list, search, page ≤ 2 × slower; doors tell nothing",
        goals_reached("doors", "imports", "insight", "lists"),
        True,
    ),
)

"""A client generated in TypeScript from the API's document creates, lists, updates, undoes, and receives a webhook that the
reference library of Standard Webhooks verifies, on a server and a worker of its own.

`python -m tests.api.client_story` installs generator and compiler into a temporary folder; where they cannot be installed it
says so and ends with status 77. What is generated is compiled strictly before it runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SKIPPED = 77
PACKAGES = ("@hey-api/openapi-ts@0", "typescript@5", "@types/node@20", "standardwebhooks@1")


def main() -> int:
    if shutil.which("npm") is None or shutil.which("node") is None:
        return _skip("there is no Node.js")
    with tempfile.TemporaryDirectory(prefix="rapport-client-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file in (HERE / "client").iterdir():
            if file.is_file():
                shutil.copy(file, folder)
        _run(["npm", "init", "--yes"], folder)
        if _run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES], folder).returncode:
            return _skip("the generator cannot be installed")
        command = [sys.executable, "-W", "ignore", "-m", "tests.api.client_story", "serve", name]
        return subprocess.run(command, env=_environment(folder), cwd=ROOT, check=False).returncode


def _skip(why: str) -> int:
    print(f"SKIPPED: {why}; nothing was shown.", file=sys.stderr)
    return SKIPPED


def _environment(folder: Path) -> dict[str, str]:
    port = os.environ.get("PORT", "8139")
    found = os.environ | {
        "RAPPORT_HOME": str(folder / "home"), "RAPPORT_DATABASE_ROLE": "owner", "PORT": port,
        "RAPPORT_ORIGIN": f"http://localhost:{port}", "DJANGO_SETTINGS_MODULE": "rapport.config.settings",
        "RAPPORT_WEBHOOK_NETWORKS": "127.0.0.1/32",  # as whoever runs Rapport opens a network of the house
    }  # fmt: skip
    found.pop("DATABASE_URL", None)
    return found


def serve(folder: Path) -> int:
    """In a process of its own, whose RAPPORT_HOME is empty: a business, a token, a web server, and then the story."""
    import django

    django.setup()
    from django.db import connection

    from rapport.config.databases import embedded_cluster
    from rapport.config.migrations import migrate
    from rapport.core.database_roles import grant_application_role
    from rapport.core.postgres import APP_ROLE

    Path(os.environ["RAPPORT_HOME"]).mkdir(mode=0o700, exist_ok=True)
    with embedded_cluster().in_use():
        migrate()
        grant_application_role(APP_ROLE)
        token = _token()
        connection.close()
        started = [_start_web(), _start(sys.executable, "-m", "rapport.config.cli", "worker")]
        try:
            _wait_for_document(folder)
            return _tell(folder, token)
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait()


def _token() -> str:
    from rapport.accounts.actions import set_up_business
    from rapport.accounts.api_tokens import make_token, rights_to_lend
    from rapport.core.clock import utc_now

    ada = set_up_business(
        name="Ada", email="ada@example.com", password="correct horse battery", business_name="Tiny", time_zone="UTC",
        currency="EUR", now=utc_now(),
    )  # fmt: skip
    rights = [right.name for right in rights_to_lend(ada)]
    return make_token("Story", rights=rights, days=1, by=ada, now=utc_now())[1]


def _start_web() -> subprocess.Popen[bytes]:
    return _start(
        sys.executable, "-m", "granian", "rapport.config.asgi:application", "--interface", "asginl", "--no-ws",
        "--host", "127.0.0.1", "--port", os.environ["PORT"], "--workers", "1", "--log-level", "warning",
    )  # fmt: skip


def _start(*command: str) -> subprocess.Popen[bytes]:
    variables = {name: value for name, value in os.environ.items() if name != "RAPPORT_DATABASE_ROLE"}
    return subprocess.Popen(command, env=variables)


def _wait_for_document(folder: Path) -> None:
    """The document as the server serves it, for the generator."""
    from http.client import HTTPConnection, HTTPException

    for _attempt in range(300):
        web = HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=10)
        try:
            web.request("GET", "/api/v1/openapi.json", headers={"Host": "localhost"})
            answer = web.getresponse()
            if answer.status == 200:
                (folder / "openapi.json").write_text(json.dumps(json.load(answer)))
                return
        except (OSError, HTTPException):
            pass
        finally:
            web.close()
        time.sleep(0.2)
    raise RuntimeError("The web server does not answer.")


def _tell(folder: Path, token: str) -> int:
    generator = [
        "npx",
        "--no-install",
        "openapi-ts",
        "-i",
        "openapi.json",
        "-o",
        "generated",
        "-c",
        "@hey-api/client-fetch",
    ]
    for step in (generator, ["npx", "--no-install", "tsc", "-p", "."]):
        done = _run(step, folder)
        if done.returncode:
            print(done.stdout[-4000:], done.stderr[-4000:], file=sys.stderr)
            return 1
    done = _run(["node", "built/story.js"], folder, RAPPORT_TOKEN=token)
    print(done.stdout, done.stderr, sep="")
    return done.returncode


def _run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[Any]:
    return subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[2])) if sys.argv[1:2] == ["serve"] else main())

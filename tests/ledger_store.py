"""Pushes and pulls against a store that speaks S3; prints what happened as JSON.

    python ledger_store.py FOLDER

Executed by tests/test_ledger_s3.py in an environment of its own.
"""

import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from ledgers import whole_run

from toolkit.errors import ToolkitError
from toolkit.ledger.heavy import drop
from toolkit.ledger.remote import Remote
from toolkit.ledger.transfer import pull, push

SECRET = "wJalrXUtnFEMI-K7MDENG-secret"  # noqa: S105 -- of nobody


def told(call: Callable[[], object]) -> str:
    """Return what is said of a failure; empty if there is none."""
    try:
        call()
    except ToolkitError as error:
        return str(error)
    return ""


def main() -> int:
    """Print what each case comes to."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "AKIAnobody",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 -- not in our environment

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    record = whole_run(Path(sys.argv[1], "runs"))
    folder = Path(sys.argv[1], "runs", record.run)

    def remote(bucket: str = "runs", at: int = port, timeout_s: float = 20) -> Remote:
        options = {"endpoint_url": f"http://{host}:{at}"}
        return Remote(f"s3://{bucket}/pumps", options=options, timeout_s=timeout_s)

    found: dict[str, object] = {}
    found["no bucket"] = told(lambda: push(record, folder, remote()))
    files = remote()._files  # noqa: SLF001 -- a bucket is no business of the toolkit
    files.mkdir("runs")
    found["pushed"] = push(record, folder, remote()).moved
    found["again"] = push(record, folder, remote()).moved
    drop(folder)
    found["pulled"] = pull(record, folder, remote()).moved
    found["complete"] = sorted(p.name for p in folder.rglob("*") if p.is_file())
    stored = next(p for p in files.find("runs") if "/sha256/" in p)
    content = files.cat_file(stored)
    files.pipe_file(stored, content[: len(content) // 2])
    drop(folder)
    found["half"] = told(lambda: pull(record, folder, remote()))
    files.pipe_file(stored, content)
    files.mkdir("partly")
    found["nothing there"] = told(lambda: pull(record, folder, remote("partly")))
    with socket.create_server((host, 0)) as silent:
        answers = threading.Thread(target=silent.accept, daemon=True)
        answers.start()
        at = silent.getsockname()[1]
        found["silent"] = told(lambda: pull(record, folder, remote(at=at, timeout_s=2)))
    found["closed"] = told(lambda: pull(record, folder, remote(at=1, timeout_s=5)))
    os.environ["AWS_ACCESS_KEY_ID"] = "AKIAwrong"
    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"
    import requests  # noqa: PLC0415 -- moto's own

    requests.post(f"http://{host}:{port}/moto-api/reset-auth", data=b"0", timeout=10)
    found["wrong key"] = told(lambda: pull(record, folder, remote()))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del os.environ[name]
    found["no key"] = told(lambda: pull(record, folder, remote()))
    texts = json.dumps(found) + "".join(
        path.read_text(errors="replace") for path in folder.rglob("*.json")
    )
    found["secret shown"] = SECRET in texts or "AKIA" in texts
    sys.stdout.write(json.dumps(found, indent=1))
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

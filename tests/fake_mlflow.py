"""A tracking server that keeps runs in memory and refuses what MLflow refuses."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, str, bytes]  # status, media type, body
KEY = re.compile(r"[/\w.\- ]{1,250}")
LONGEST = {"params": 6000, "tags": 8000}
MOST = {"params": 100, "tags": 100, "metrics": 1000}


@dataclass
class FakeMlflow:
    """What the server was told; set ``refuse`` to have it answer that instead."""

    version: str = "3.17.2"
    files: str = "mlflow-artifacts:/{}/artifacts"
    experiments: dict[str, str] = field(default_factory=dict)  # name by id
    runs: dict[str, dict[str, object]] = field(default_factory=dict)
    artefacts: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # "POST runs/create"
    headers: list[dict[str, str]] = field(default_factory=list)
    refuse: dict[str, Answer] = field(default_factory=dict)  # by the end of the path
    deleted: bool = False  # the experiment

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Return what MLflow would answer."""
        parts = urlsplit(path)
        verb = parts.path.partition("/mlflow/")[2] or parts.path.rpartition("/")[2]
        self.asked.append(f"{method} {verb}")
        for end, refusal in self.refuse.items():
            if parts.path.endswith(end):
                return refusal
        if parts.path == "/version":
            return 200, "text/html", self.version.encode()
        if "/mlflow-artifacts/artifacts/" in parts.path:
            self.artefacts[unquote(parts.path.partition("/artifacts/")[2])] = body
            return 200, "application/json", b"{}"
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        content = json.loads(body) if body else query
        name = "_" + verb.replace("/", "_").replace("-", "_")
        told: Answer = getattr(self, name)(content)
        return told

    def _experiments_get_by_name(self, content: dict[str, str]) -> Answer:
        name = content["experiment_name"]
        for number, known in self.experiments.items():
            if known == name:
                stage = "deleted" if self.deleted else "active"
                return ok(
                    experiment={"experiment_id": number, "lifecycle_stage": stage}
                )
        return refused("RESOURCE_DOES_NOT_EXIST", f"no experiment {name!r}", 404)

    def _experiments_create(self, content: dict[str, str]) -> Answer:
        number = str(len(self.experiments) + 1)
        self.experiments[number] = content["name"]
        return ok(experiment_id=number)

    def _runs_create(self, content: dict[str, object]) -> Answer:
        number = f"r{len(self.runs)}"
        run: dict[str, object] = {
            "experiment": content["experiment_id"],
            "status": "RUNNING",
            "name": content["run_name"],
            "start": content["start_time"],
            "params": {},
            "metrics": {},
            "tags": {},
        }
        self.runs[number] = run
        self._store(run, "tags", content["tags"])
        return ok(run=self._shown(number))

    def _runs_search(self, content: dict[str, object]) -> Answer:
        found = re.fullmatch(r"tags\.`([\w.]+)` = '(\w+)'", str(content["filter"]))
        assert found
        there = [
            self._shown(number)
            for number, run in self.runs.items()
            if run["tags"].get(found[1]) == found[2]  # type: ignore[attr-defined]
            and [run["experiment"]] == content["experiment_ids"]
        ]
        return ok(**({"runs": there} if there else {}))

    def _runs_log_batch(self, content: dict[str, object]) -> Answer:
        run = self.runs[str(content["run_id"])]
        if len(json.dumps(content)) > 10**6:
            return refused("INVALID_PARAMETER_VALUE", "too large")
        for kind, most in MOST.items():
            entries = content.get(kind, [])
            assert isinstance(entries, list)
            if len(entries) > most:
                return refused("INVALID_PARAMETER_VALUE", f"too many {kind}")
            if message := self._store(run, kind, entries):
                return refused("INVALID_PARAMETER_VALUE", message)
        return ok()

    def _runs_set_tag(self, content: dict[str, str]) -> Answer:
        self._store(self.runs[content["run_id"]], "tags", [content])
        return ok()

    def _runs_update(self, content: dict[str, object]) -> Answer:
        run = self.runs[str(content["run_id"])]
        run |= {"status": content["status"], "end": content["end_time"]}
        return ok()

    def _store(self, run: dict[str, object], kind: str, entries: object) -> str:
        """Keep entries, or say what is wrong with them."""
        kept = run[kind]
        assert isinstance(kept, dict)
        assert isinstance(entries, list)
        for entry in entries:
            key, value = entry["key"], entry["value"]
            if not KEY.fullmatch(key):
                return f"bad key {key!r}"
            if kind != "metrics" and len(value) > LONGEST[kind]:
                return f"{key} is too long"
            if kind == "params" and kept.get(key, value) != value:
                return f"{key} cannot be changed"
            kept[key] = value
            if kind == "metrics":
                assert (entry["step"], type(entry["timestamp"])) == (0, int)
        return ""

    def _shown(self, number: str) -> dict[str, object]:
        run = self.runs[number]
        data = {
            kind: [{"key": k, "value": v} for k, v in run[kind].items()]  # type: ignore[attr-defined]
            for kind in MOST
        }
        info = {"run_id": number, "artifact_uri": self.files.format(number)}
        return {"info": info, "data": data}


def ok(**content: object) -> Answer:
    """Return a good answer."""
    return 200, "application/json", json.dumps(content).encode()


def refused(code: str, message: str, status: int = 400) -> Answer:
    """Return a refusal in MLflow's form."""
    body = json.dumps({"error_code": code, "message": message}).encode()
    return status, "application/json", body


@contextmanager
def listening(fake: FakeMlflow) -> Iterator[str]:
    """Give the address at which the server listens."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fake.headers.append(dict(self.headers))
            status, media, content = fake.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(content)))
            if status in (301, 302, 307, 308):
                self.send_header("Location", content.decode())
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _any  # noqa: N815 -- names of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

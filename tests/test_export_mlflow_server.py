"""What a server, a proxy or an address does wrong is said plainly."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from exporting import a_run, chosen_of
from fake_mlflow import Answer, FakeMlflow, listening, ok, refused

from toolkit.export.exported import ExportError
from toolkit.export.mlflow import export_mlflow
from toolkit.export.mlflow_server import Server, credentials
from toolkit.reproduce.records.store import Store

PAGE: Answer = (200, "text/html", b"<html>Sign in</html>")


@pytest.fixture
def fake() -> FakeMlflow:
    return FakeMlflow()


@pytest.fixture
def url(fake: FakeMlflow, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with listening(fake) as address:
        yield address


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mlruns", r"'mlruns': is no address .* write http://HOST:PORT"),
        ("file:///tmp/mlruns", "MLflow reads no files: start one: mlflow server"),
        ("sqlite:///x.db", "is no address of an MLflow server"),
        ("http://", "is no address"),
        ("http://host:port", "is no address"),
        ("http://[::1", "is no address"),
        ("http://me:secret@host", "http://host: the address holds a name or a pass"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, message: str) -> None:
    with pytest.raises(ExportError, match=message) as caught:
        Server(url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (PAGE, "/version: answers '<html>Sign in</html>', which is no version"),
        ((200, "text/html", b"1.30.0"), "is MLflow 1.30.0; it must be 2.0 or later"),
        ((404, "text/html", b"<h1>no</h1>"), "answers 404; is this the address of an"),
        ((401, "text/plain", b"You are not in."), "401: You are not in.; set MLFLOW_T"),
        (refused("PERMISSION_DENIED", "no", 403), "403 PERMISSION_DENIED: no; ask who"),
        ((407, "text/html", b""), "answers 407; the proxy wants a name and a password"),
        ((413, "text/html", b""), "413; a proxy before the server lets no file that"),
        ((429, "text/plain", b""), "429; wait a while, and export again"),
        ((502, "text/html", b"<h1>Bad"), "502; a gateway is there, the server behind"),
        ((302, "", b"http://a:b@else/in?key=1"), "sends us on to http://else/in; name"),
        ((302, "", b"/login"), "sends us on to /login"),
        (
            (500, "text/plain", b"\xff oops"),
            "answers 500: \N{REPLACEMENT CHARACTER} oo",
        ),
        ((500, "application/json", b"[1]"), "answers 500; look into the server's log"),
    ],
)
def test_a_refusal_says_what_to_do(
    fake: FakeMlflow, url: str, answer: Answer, message: str
) -> None:
    fake.refuse["/version"] = answer
    with pytest.raises(ExportError) as caught:
        Server(url=url).version()
    assert message in str(caught.value)
    assert str(caught.value).startswith(url)


@pytest.mark.parametrize(
    ("end", "answer", "message"),
    [
        ("get-by-name", PAGE, "get-by-name: answers no JSON: '<html>Sign in</html>'"),
        ("get-by-name", (200, "", b"[]"), "answers no JSON"),
        ("get-by-name", ok(), "its answer holds no 'experiment'"),
        ("get-by-name", refused("PERMISSION_DENIED", "no", 403), "PERMISSION_DENIED"),
        ("experiments/create", ok(experiment_id=7), "holds no 'experiment_id'"),
        ("experiments/create", refused("OTHER", "no"), "answers 400 OTHER: no"),
        ("runs/create", ok(run={"info": {}}), "its answer holds no 'run_id'"),
    ],
)
def test_an_answer_that_is_not_mlflows_is_refused(
    tmp_path: Path, fake: FakeMlflow, url: str, end: str, answer: Answer, message: str
) -> None:
    a_run(tmp_path)
    fake.refuse[end] = answer
    with pytest.raises(ExportError) as caught:
        list(exported(tmp_path, url))
    assert message in str(caught.value)


def exported(root: Path, url: str) -> Iterator[object]:
    runs, store = [chosen_of(root)], Store(root / "runs")
    return export_mlflow(runs, store, Server(url=url), project="pumps")


def test_an_experiment_that_somebody_deleted_stays_deleted(
    tmp_path: Path, fake: FakeMlflow, url: str
) -> None:
    a_run(tmp_path)
    list(exported(tmp_path, url))
    fake.deleted = True
    with pytest.raises(ExportError, match="'pumps/02-baseline': somebody has deleted"):
        list(exported(tmp_path, url))


def test_an_experiment_that_somebody_else_just_made_is_used(
    tmp_path: Path, fake: FakeMlflow, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(tmp_path)

    def taken(_: object) -> Answer:
        fake.experiments["9"] = "pumps/02-baseline"
        return refused("RESOURCE_ALREADY_EXISTS", "there")

    monkeypatch.setattr(fake, "_experiments_create", taken)
    list(exported(tmp_path, url))
    assert [run["experiment"] for run in fake.runs.values()] == ["9"]


def test_a_server_that_is_away_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = Server(url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ExportError, match="no server listens there; mend the addr"):
            server.version()


def test_a_host_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(ExportError, match="no such host; mend its name"):
        Server(url="http://nowhere.invalid").version()


def test_a_server_without_tls_is_told(url: str) -> None:
    with pytest.raises(ExportError, match="speaks no TLS; write http://"):
        Server(url=url.replace("http:", "https:")).version()


def test_a_proxy_is_named_and_its_password_is_not(
    fake: FakeMlflow, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", url.replace("//", "//me:secret@"))
    fake.refuse["/version"] = (407, "text/html", b"")
    with pytest.raises(ExportError, match=r"407 by way of the proxy 127") as caught:
        Server(url="http://mlflow.invalid").version()
    assert "secret" not in str(caught.value)


def test_no_proxy_stands_before_this_very_machine(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert Server(url=url).version() == (3, 17)


@pytest.mark.parametrize(
    ("environ", "header"),
    [
        ({}, None),
        ({"MLFLOW_TRACKING_USERNAME": "me"}, None),
        ({"MLFLOW_TRACKING_TOKEN": "t"}, "Bearer t"),
        (
            {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "é"},
            "Basic bWU6w6k=",
        ),
    ],
)
def test_credentials_come_from_mlflows_own_variables(
    fake: FakeMlflow, url: str, environ: dict[str, str], header: str | None
) -> None:
    server = Server(url=url + "/", secret=credentials(environ))
    server.version()
    assert fake.headers[-1].get("Authorization") == header
    assert header is None or header not in repr(server)

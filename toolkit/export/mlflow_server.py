"""A tracking server of MLflow, spoken to by its REST API."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, urlencode, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
    getproxies,
    proxy_bypass,
)

from toolkit.export.exported import ExportError
from toolkit.export.mlflow_answers import OLDEST, START, explained, unreachable

_TIMEOUT_S = 60
_USER, _PASSWORD, _TOKEN = (
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
)


@dataclass(eq=False)
class ServerError(ExportError):
    """A tracking server refused a request; ``code`` is MLflow's word for why."""

    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where MLflow listens, and what lets us in.

    Raises
    ------
    ExportError : if the address is none of an MLflow server
    """

    url: str
    secret: str | None = field(default=None, repr=False)  # the header Authorization

    def __post_init__(self) -> None:
        parts = _parts(self.url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise ExportError(
                where=repr(self.url),
                found="is no address of an MLflow server",
                expected=f"write http://HOST:PORT; MLflow reads no files: {START}",
            )
        if parts.username is not None or parts.password is not None:
            raise ExportError(
                where=f"{parts.scheme}://{parts.hostname}",
                found="the address holds a name or a password",
                expected=f"set {_USER} and {_PASSWORD}, or {_TOKEN}, instead",
            )
        object.__setattr__(self, "url", self.url.rstrip("/"))

    def version(self) -> tuple[int, ...]:
        """Return the server's version.

        Raises
        ------
        ExportError : if nothing answers, it is no MLflow server, or one that is too old
        """
        text = self._send("GET", "/version").decode("utf-8", "replace").strip()
        found = re.match(r"(\d+)\.(\d+)", text)
        if found is None:
            raise ExportError(
                where=f"{self.url}/version",
                found=f"answers {text[:40]!r}, which is no version",
                expected="name an MLflow server; is this a proxy's page?",
            )
        version = tuple(int(part) for part in found.groups())
        if version < OLDEST:
            raise ExportError(
                where=self.url,
                found=f"is MLflow {text}",
                expected=f"it must be {'.'.join(map(str, OLDEST))} or later",
            )
        return version

    def get(self, path: str, **query: str) -> Mapping[str, object]:
        """Return the answer to a question; raises as :meth:`post`."""
        return self._json("GET", f"/api/2.0/mlflow/{path}?{urlencode(query)}", None)

    def post(self, path: str, **content: object) -> Mapping[str, object]:
        """Return the answer to an order.

        Raises
        ------
        ServerError : if the server refuses
        ExportError : if it does not answer, or not as an MLflow server does
        """
        body = json.dumps(content, allow_nan=False).encode()
        return self._json("POST", f"/api/2.0/mlflow/{path}", body)

    def put_artefact(self, path: str, content: bytes) -> None:
        """Store a file through the server; raises as :meth:`post`."""
        where = f"/api/2.0/mlflow-artifacts/artifacts/{quote(path)}"
        self._send("PUT", where, content, media="application/octet-stream")

    def _json(self, method: str, path: str, body: bytes | None) -> Mapping[str, object]:
        text = self._send(method, path, body)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ExportError(
                where=self.url + path.partition("?")[0],
                found=f"answers no JSON: {text[:40].decode('utf-8', 'replace')!r}",
                expected="name an MLflow server; is this a proxy's page?",
            )
        return answer

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        media: str = "application/json",
    ) -> bytes:
        request = Request(self.url + path, data=body, method=method)  # noqa: S310 -- http or https, checked above
        if body is not None:
            request.add_header("Content-Type", media)
        if self.secret is not None:
            request.add_unredirected_header("Authorization", self.secret)
        where, proxy = self.url + path.partition("?")[0], _proxy_of(self.url)
        try:
            with _opener(proxy).open(request, timeout=_TIMEOUT_S) as answer:
                content: bytes = answer.read()
        except HTTPError as error:
            with error:
                code, found, expected = explained(
                    error.code, dict(error.headers), error.read(2**16), proxy=proxy
                )
            raise ServerError(
                where=where, found=found, expected=expected, code=code
            ) from None
        except (URLError, OSError, HTTPException) as error:
            found, expected = unreachable(error, proxy=proxy)
            raise ExportError(where=where, found=found, expected=expected) from error
        return content


def credentials(environ: Mapping[str, str]) -> str | None:
    """Return the header that lets us in, of the variables that MLflow's client reads.

    Examples
    --------
    >>> credentials({"MLFLOW_TRACKING_TOKEN": "abc"})
    'Bearer abc'
    """
    user, password = environ.get(_USER), environ.get(_PASSWORD)
    if user and password:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return f"Basic {pair}"
    token = environ.get(_TOKEN)
    return f"Bearer {token}" if token else None


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: an order must not become a question, nor reach another host."""

    def redirect_request(
        self,
        req: Request,  # noqa: ARG002 -- of the protocol
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


def _opener(proxy: str | None) -> OpenerDirector:
    return build_opener(ProxyHandler(None if proxy else {}), _NoRedirect)


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- raises if it is no number
    except ValueError:
        return None
    return parts


def _proxy_of(url: str) -> str | None:
    """Return the proxy that leads to an address, without what lets us in there."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme)
    if proxy is None or _is_loopback(host) or proxy_bypass(host):
        return None
    named = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return f"{named.hostname}:{named.port}" if named.port else named.hostname


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

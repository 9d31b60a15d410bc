"""What a server's refusal means, and what to do about it."""

import json
import socket
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

OLDEST = (2, 0)
START = "start one: mlflow server --backend-store-uri sqlite:///mlflow.db"
_SHOWN = 300  # characters of what the server says
_VARIABLES = (
    "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
)
_GATEWAY = "a gateway is there, the server behind it is not: look there, export again"
_AGAIN = "look into the server's log, then export again: it goes on where it stopped"
_ADVICE: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: f"set {_VARIABLES}",
    HTTPStatus.FORBIDDEN: f"ask who runs the server for the right to write, and set "
    f"{_VARIABLES}",
    HTTPStatus.NOT_FOUND: "is this the address of an MLflow server, path included?",
    HTTPStatus.METHOD_NOT_ALLOWED: "name an MLflow server",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "the proxy wants a name and a password: "
    "see HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "a proxy before the server lets no file that "
    "large pass: raise its limit",
    HTTPStatus.TOO_MANY_REQUESTS: "wait a while, and export again: it goes on where it "
    "stopped",
    HTTPStatus.BAD_GATEWAY: _GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE: _GATEWAY,
    HTTPStatus.GATEWAY_TIMEOUT: _GATEWAY,
}


def explained(
    status: int, headers: Mapping[str, str], body: bytes, *, proxy: str | None
) -> tuple[str, str, str]:
    """Return MLflow's code for a refusal, what was found, and what to do.

    Parameters
    ----------
    status : of the answer, 300 and more
    headers, body : of the answer
    proxy : through which it came; None without
    """
    code, message = _said(body)
    by = f" by way of the proxy {proxy}" if proxy else ""
    if status < HTTPStatus.BAD_REQUEST:
        target = _plain(headers.get("Location", headers.get("location", "")))
        return code, f"sends us on to {target}{by}", "name that address, if it is yours"
    said = f": {message[:_SHOWN]}" if message else ""
    advice = _ADVICE.get(status, _AGAIN)
    if code and status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        advice = _AGAIN  # it is MLflow that speaks, not something before it
    return code, f"answers {status}{f' {code}' if code else ''}{by}{said}", advice


def unreachable(error: Exception, *, proxy: str | None) -> tuple[str, str]:
    """Return why nothing answered, and what to do.

    Parameters
    ----------
    error : what urllib raised
    proxy : through which it was asked; None without
    """
    reason = getattr(error, "reason", error)
    by = f" (asked by way of the proxy {proxy})" if proxy else ""
    if isinstance(reason, ssl.SSLCertVerificationError):
        advice = "name its authority: SSL_CERT_FILE=PATH"
        return f"its certificate is not trusted: {reason.verify_message}{by}", advice
    if isinstance(reason, ssl.SSLError):
        return f"speaks no TLS{by}", "write http:// if it has none"
    if isinstance(reason, TimeoutError):
        return f"does not answer in time{by}", "is it busy, or behind a firewall?"
    if isinstance(reason, socket.gaierror):
        return f"no such host{by}", "mend its name"
    if isinstance(reason, ConnectionRefusedError):
        return f"no server listens there{by}", f"mend the address, or {START}"
    return f"cannot be reached ({reason}){by}", "is it an MLflow server, and is it up?"


def _said(body: bytes) -> tuple[str, str]:
    """Return MLflow's code and message; of a page that is not its own, nothing."""
    try:
        answer = json.loads(body)
    except ValueError:
        text = body.decode("utf-8", "replace").strip()
        return "", "" if text.startswith("<") else " ".join(text.split())
    if not isinstance(answer, dict):
        return "", ""
    return str(answer.get("error_code", "")), str(answer.get("message", ""))


def _plain(target: str) -> str:
    """Return an address without secrets that may stand in it."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "another address"
    return (
        f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else target
    )

"""JupyterLab: a notebook's findings when it is saved, where its project asks for it.

A server extension. It does nothing for a project without ``on-save = true`` in its
``[tool.toolkit.lint]``, and never keeps a notebook from being saved.
"""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from logging import Logger
from pathlib import Path
from typing import Any, Protocol

from toolkit.errors import ToolkitError
from toolkit.lint.engine import Linter, Report
from toolkit.lint.registry import rules_by_code
from toolkit.lint.rendering import plain_report, text_lines

ROUTE = ("toolkit", "lint", "(.*)")  # GET returns a notebook's findings as JSON
_ENDING = ".ipynb"


class Server(Protocol):
    """What is asked of the server's application."""

    log: Logger
    contents_manager: Any
    web_app: Any


class SaveHook:
    """Writes the findings of each saved notebook to the server's log.

    The linting has a thread of its own: the server answers meanwhile.

    Parameters
    ----------
    log : of the server
    environ : environment variables of this process
    """

    def __init__(self, log: Logger, environ: Mapping[str, str]) -> None:
        self._log = log
        self._environ = environ
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="toolkit-lint")
        self.__name__ = "toolkit-lint"  # the server names it if it fails

    def __call__(self, *, model: Mapping[str, object], os_path: str, **_: Any) -> None:  # noqa: ANN401 -- whatever the server gives
        """Lint what was saved, later, if it is a notebook."""
        if model.get("type") == "notebook" and os_path.endswith(_ENDING):
            self.pool.submit(self.tell, Path(os_path))

    def tell(self, path: Path) -> None:
        """Write a notebook's findings to the log, if its project asks for it."""
        try:
            if not asks(path, self._environ):
                return
            report = report_of(path, self._environ)
        except ToolkitError as error:
            self._log.warning("toolkit lint: %s", error)
        except Exception:  # noqa: BLE001 -- a save must not fail, whatever a rule does
            self._log.exception("toolkit lint: %s: broke down", path)
        else:
            for each in report.unchecked:
                self._log.warning("toolkit lint: %s", each.reason)
            write = self._log.warning if report.failing else self._log.info
            for line in text_lines(report, rules_by_code()):
                write("toolkit lint: %s", line)


def asks(path: Path, environ: Mapping[str, str]) -> bool:
    """Return whether the project of a notebook wants to be told on each save.

    Raises
    ------
    PolicyError : if its configuration cannot be meant
    """
    return Linter(environ=environ).configuration_of(path).on_save


def report_of(path: Path, environ: Mapping[str, str]) -> Report:
    """Return what is found in one notebook as it lies on disk.

    A linter is made anew each time: the project's sources may have changed.
    """
    return Linter(environ=environ).lint([path])


def below(root: str, path: str) -> Path | None:
    """Return where a notebook lies in the server's folder; None if it does not.

    Examples
    --------
    >>> below("/work", "../etc/a.ipynb"), below("/work", "/etc/passwd")
    (None, None)
    """
    parts = [part for part in path.split("/") if part]
    if not root or not path.endswith(_ENDING) or any(p.startswith(".") for p in parts):
        return None
    top = Path(root).resolve()
    found = top.joinpath(*parts)
    return found if found.resolve().is_relative_to(top) else None


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Server) -> None:
    """Register the hook and the route."""
    from jupyter_server.utils import url_path_join  # noqa: PLC0415 -- only in a server

    hook = SaveHook(app.log, os.environ)
    app.contents_manager.register_post_save_hook(hook)
    base = app.web_app.settings["base_url"]
    route = url_path_join(base, *ROUTE)
    app.web_app.add_handlers(".*$", [(route, _handler(), {"pool": hook.pool})])


def _handler() -> type:
    """Return the class that answers; the server's own are imported in a server only."""
    from jupyter_server.base.handlers import APIHandler  # noqa: PLC0415
    from tornado import web  # noqa: PLC0415
    from tornado.ioloop import IOLoop  # noqa: PLC0415

    class LintHandler(APIHandler):  # type: ignore[misc, unused-ignore]  # it has types or not
        """Answers with the findings of the notebook at that path."""

        def initialize(self, pool: ThreadPoolExecutor) -> None:
            self.pool = pool

        @web.authenticated
        async def get(self, path: str) -> None:
            place = below(getattr(self.contents_manager, "root_dir", ""), path)
            if place is None:
                raise web.HTTPError(404, "toolkit lint: no notebook there")
            loop = IOLoop.current()
            try:
                report = await loop.run_in_executor(
                    self.pool, report_of, place, os.environ
                )
            except ToolkitError as error:
                raise web.HTTPError(422, str(error)) from error
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"schema": 1, **plain_report(report)}))

    return LintHandler

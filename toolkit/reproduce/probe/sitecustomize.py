"""Start the probe, if the environment names its settings; then the next sitecustomize.

A failure is logged beside the settings and never reaches the interpreter.
"""

import os
import sys

SETTINGS = "TOOLKIT_PROBE"
_NAME = "sitecustomize"


def _start(settings: str) -> None:
    """Start the probe; say so in its log if that fails."""
    try:
        import toolkit_probe  # type: ignore[import-not-found]  # noqa: PLC0415 -- sys.path

        toolkit_probe.start(settings)
    except Exception as error:  # noqa: BLE001 -- an interpreter must start all the same
        _say_failed(settings, error)


def _say_failed(settings: str, error: Exception) -> None:
    import json  # noqa: PLC0415 -- slow to import

    event = {
        "kind": "enforced",
        "what": "probe",
        "detail": f"failed: {type(error).__name__}: {error}",
    }
    log = os.path.join(os.path.dirname(settings), "events.jsonl")  # noqa: PTH118, PTH120
    try:
        number = os.open(log, os.O_WRONLY | os.O_APPEND)
        os.write(number, json.dumps(event).encode() + b"\n")
        os.close(number)
    except OSError:
        pass


def _chain() -> None:
    """Import the sitecustomize that this one hides, in its place."""
    own = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 -- fast
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != own]  # noqa: PTH100
    this = sys.modules.pop(_NAME)
    try:
        __import__(_NAME)
    except ImportError as error:
        if error.name != _NAME:
            raise
    finally:
        sys.modules.setdefault(_NAME, this)


if __name__ == _NAME:
    if os.access(os.environ.get(SETTINGS) or "", os.R_OK):
        _start(os.environ[SETTINGS])
    _chain()

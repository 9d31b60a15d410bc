"""``python -m toolkit``, which is the console script ``toolkit``, too."""

import os
import sys
import traceback
from collections.abc import Callable

INTERRUPTED = 130
PIPE_CLOSED = 141
NOT_CHECKED = 2


def run() -> None:
    """Run the command line and exit.

    Python itself exits with 1 on a crash, and 1 means that a claim does not hold: so
    whatever was not foreseen ends here with its traceback and 2.
    """
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        from toolkit.cli import main  # noqa: PLC0415 -- a broken import is a crash, too

        code = _returned(main)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("toolkit: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception:  # noqa: BLE001 -- the last boundary: nothing may exit with 1
        traceback.print_exc()
        print(
            "toolkit: this is a fault in the toolkit itself; please report the lines "
            "above and the command",
            file=sys.stderr,
        )
        return NOT_CHECKED
    return code


def _returned(main: Callable[[], int]) -> int:
    """Return the exit code, also where argparse exits, after a help or an error."""
    try:
        return main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0


if __name__ == "__main__":
    run()

"""Play the whole suite, print it, and write the page: ``python -m faults PAGE``."""

import argparse
import re
import sys
from pathlib import Path

from .catalogue import ENTRIES
from .page import line_of, page, summary
from .suite import Played, play_all


def main() -> int:
    """Exit 0 if every fault is caught and no clean notebook flagged, else 1."""
    parser = argparse.ArgumentParser(prog="faults", description=main.__doc__)
    parser.add_argument("page", nargs="?", type=Path, help="the page to write")
    parser.add_argument("-k", default="", help="only entries that this pattern finds")
    parser.add_argument("--keep", type=Path, help="a folder for what is said of misses")
    parser.add_argument(
        "--part",
        type=_part,
        default=(0, 1),
        metavar="N/M",
        help="only every M-th entry, beginning with the N-th modulo M",
    )
    args = parser.parse_args()
    first, step = args.part
    chosen = [e for e in ENTRIES if re.search(args.k, f"{e.group}: {e.name}")]
    chosen = chosen[first % step :: step]
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
    played = play_all(chosen, _show, keep=args.keep)
    sys.stdout.write(f"{summary(played)}\n")
    if args.page is not None:
        args.page.write_text(page(played), encoding="utf-8")
    return 0 if played and all(one.right for one in played) else 1


def _part(text: str) -> tuple[int, int]:
    first, _, step = text.partition("/")
    return int(first), int(step)


def _show(one: Played) -> None:
    sys.stdout.write(f"{line_of(one)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

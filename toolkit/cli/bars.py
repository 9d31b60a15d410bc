"""Progress of a run in a terminal."""

from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from tqdm import tqdm

    from toolkit.reproduce.execution.runner import Step
    from toolkit.reproduce.notebook import Cell
    from toolkit.reproduce.records.record import Record

_TITLE = 40


class Bars:
    """One bar a notebook, with the cell that is running; none without a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Never] | None = None
        self._begun = 0

    def started(self, step: "Step") -> None:
        """Draw the bar."""
        from tqdm import tqdm  # noqa: PLC0415

        self._begun = 0
        self._bar = tqdm(
            total=len(step.notebook.code),
            desc=step.notebook.stem,
            unit="cell",
            disable=None,  # where stderr is no terminal
        )

    def cell(self, cell: "Cell") -> None:
        """Show the cell's first line."""
        if self._bar is not None:
            self._bar.set_postfix_str(cell.source.strip().splitlines()[0][:_TITLE])
            self._bar.update(min(self._begun, 1))
            self._begun += 1

    def ended(self, record: "Record") -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(record.status)
            self._bar.update(int(record.status == "finished" and self._begun > 0))
            self._bar.close()

"""One self-contained page for the client, read from the runs' records."""

from toolkit.report.latest import NoFinishedRunError
from toolkit.report.writing import ReportFileError, write_report

__all__ = ["NoFinishedRunError", "ReportFileError", "write_report"]

"""Folders of the runs whose results other runs used."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from toolkit.reproduce.execution.executing import Told
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD, RecordError, Store
from toolkit.reproduce.sources import data_digest
from toolkit.reproduce.verification.integrity import published_files
from toolkit.reproduce.verification.source import DriftError
from toolkit.reproduce.verification.trials import Bench


class Upstreams:
    """Gives each run the folders of those that it used, with all that they published.

    A folder that git left without its tables is made again by executing the run.

    Parameters
    ----------
    store : the runs
    home : folder that is not there yet, for those that are made again
    bench_of : gives what executes a run's recipe
    """

    def __init__(
        self, store: Store, home: Path, bench_of: Callable[[Record], Bench]
    ) -> None:
        self._store = store
        self._home = home
        self._bench_of = bench_of

    def folders(self, record: Record) -> Mapping[str, Path]:
        """Return the folder of each run that a run used, by notebook.

        Raises
        ------
        DriftError : if one is not here, has other results than it had, or does not give
            them again
        """
        return {
            name: self._folder(record, name, run)
            for name, run in record.recipe.upstream.items()
        }

    def keep(self, record: Record, executed: Path) -> Path:
        """Keep what a run's execution published, for those that used the run.

        Parameters
        ----------
        record : of the run
        executed : folder of an execution with the same results
        """
        folder = self._home / record.run
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / RECORD).write_bytes(record.to_json())
            for path in published_files(record.results):
                if (executed / path).is_file():
                    (folder / path).parent.mkdir(exist_ok=True)
                    shutil.copyfile(executed / path, folder / path)
        return folder

    def _folder(self, record: Record, name: str, run: str) -> Path:
        try:
            used = self._store.read(run)
        except RecordError as error:
            found = f"it used {run}, whose record cannot be read ({error})"
            raise DriftError(run=record.run, found=(found,)) from error
        if used.results_digest != record.recipe.upstream_results.get(name):
            found = f"it used other results of {name} than {run} has"
            raise DriftError(run=record.run, found=(found,), tampered=True)
        for folder in (self._store.folder(run).resolve(), self._home / run):
            if _is_whole(used, folder):
                return folder
        return self._made_again(record, used)

    def _made_again(self, record: Record, used: Record) -> Path:
        bench = self._bench_of(used)
        told = Told(limits=bench.case.limits, wait=True, elsewhere=True)
        (trial,) = bench.execute(told)
        folder = self.keep(used, trial.executed.folder)
        if not _is_whole(used, folder):
            found = f"it used {used.run}, which does not give its tables again"
            raise DriftError(run=record.run, found=(found,))
        return folder


def _is_whole(record: Record, folder: Path) -> bool:
    return (folder / RECORD).is_file() and all(
        (folder / path).is_file() and data_digest(folder / path) == digest
        for path, digest in published_files(record.results).items()
        if path.startswith("tables/")
    )

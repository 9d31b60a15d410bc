"""Metrics as the plain JSON that DVC reads, and the dvc.yaml that names them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from toolkit.export.exported import NOT_FOR_QUOTING, Chosen, Exported, ExportError
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record, json_text, safe_name
from toolkit.reproduce.whole import write_whole

DVC = "dvc.yaml"
HEADER = "# Written by toolkit export --dvc; it lists what lies beside it.\n"
_METRICS, _PARAMS = "metrics", "params"
_MARKED = NOT_FOR_QUOTING.replace(" ", "-")


def export_dvc(runs: Iterable[Chosen], folder: Path) -> tuple[Exported, ...]:
    """Write the latest of the runs of each notebook where DVC finds it.

    ``metrics/NOTEBOOK.json`` holds the numbers, flat; ``params/NOTEBOOK.json`` the
    parameters, trust, commit and digests. What must not be quoted lies in folders that
    are called so. What lies there of other notebooks stays, and stays listed.

    Parameters
    ----------
    runs : oldest first
    folder : made if it is not there; in git, so that ``dvc metrics diff`` has two sides

    Raises
    ------
    ExportError : if the folder holds a ``dvc.yaml`` that is not ours
    OSError : if it cannot be written
    """
    listing = folder / DVC
    if listing.exists() and not listing.read_bytes().startswith(HEADER.encode()):
        raise ExportError(
            where=str(listing),
            found="is somebody else's",
            expected="name a folder of its own: DVC reads a dvc.yaml in any folder",
        )
    latest = {chosen.record.recipe.notebook.path: chosen for chosen in runs}
    exported = tuple(_write(chosen, folder) for chosen in latest.values())
    if exported:
        _replace(listing, _listing(folder))
    return exported


def file_name(record: Record) -> str:
    """Return the name of a notebook's files; no two notebooks have the same."""
    path = record.recipe.notebook.path
    name = safe_name(record.notebook)
    if path != f"notebooks/{name}.ipynb":
        name += f"-{bytes_digest(path.encode('utf-8', 'surrogatepass'))[:8]}"
    return f"{name}.json"


def _write(chosen: Chosen, folder: Path) -> Exported:
    record, name = chosen.record, file_name(chosen.record)
    mark = "" if chosen.trust.quotable else _MARKED
    params = folder / _PARAMS / mark / name
    metrics = folder / _METRICS / mark / name
    new = not metrics.exists()
    changed = [
        _replace(params, _text(_params(chosen))),
        _replace(metrics, _text(record.metrics)),
    ]
    if not mark:  # what was marked once, and is reproduced by now
        for kind in (_PARAMS, _METRICS):
            (folder / kind / _MARKED / name).unlink(missing_ok=True)
    return Exported(
        run=record.run,
        level=chosen.trust.level,
        effect="added" if new else "completed" if any(changed) else "there already",
        where=str(metrics),
    )


def _params(chosen: Chosen) -> Mapping[str, object]:
    record, trust = chosen.record, chosen.trust
    about = record.circumstances
    return {
        "parameters": dict(record.recipe.parameters),
        "trust": trust.level,
        "quotable": trust.quotable,
        "run": record.run,
        "status": record.status,
        "commit": about.commit,
        "record": record.digest,
        "recipe": record.recipe.digest,
    }


def _text(content: Mapping[str, object]) -> bytes:
    """Return JSON in UTF-8; half a character becomes the escape that JSON has."""
    return json_text(content).encode("utf-8", "backslashreplace")


def _listing(folder: Path) -> bytes:
    lines = [HEADER]
    for kind in (_METRICS, _PARAMS):
        files = sorted(
            path.relative_to(folder).as_posix()
            for path in (folder / kind).rglob("*.json")
        )
        lines.append(f"{kind}:\n")
        lines += [f"  - {json.dumps(file)}\n" for file in files]
    return "".join(lines).encode()


def _replace(path: Path, content: bytes) -> bool:
    """Write a file unless it says so already; tell whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
    return True

"""Records, outputs and evidence that somebody edited, copied or swapped."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .entry import LOAD, Group, Site, code

group = Group("records")
TAMPERED = "tampered with"
METRIC = (
    LOAD,
    "from toolkit import publish\n\npublish.metric('units', sum(units) / len(units))",
)
TABLE = (
    """
    import pandas as pd

    from toolkit import publish

    sales = pd.read_csv("data/sales.csv")
    """,
    "publish.table('by_shop', sales.groupby('shop')['units'].sum())",
)


def _plain(site: Site) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((site.run / "record.json").read_bytes())
    return plain


def _keep(site: Site, plain: Mapping[str, Any], *, sealed: bool) -> None:
    """Write a record that was edited; ``sealed``: with digests that fit."""
    run = site.run
    text = json.dumps(plain)
    if sealed:
        text = _sealed(plain, run)
    (run / "record.json").write_text(text)


def _sealed(plain: Mapping[str, Any], run: Path) -> str:
    """Return an edited record as its own writer would have written it."""
    from toolkit.publish.fields import decode  # noqa: PLC0415 -- what a forger has
    from toolkit.reproduce.records.record import Record, json_text  # noqa: PLC0415

    rest = {key: value for key, value in plain.items() if key != "digest"}
    rest["recipe"] = rest["recipe"] | {"digest": ""}
    record = decode(Record, rest)
    (run / "metrics.json").write_text(json_text(record.metrics))
    return record.to_json().decode()


def _better(site: Site, *, sealed: bool) -> None:
    plain = _plain(site)
    plain["results"]["metrics"][0]["value"] = 19.5
    _keep(site, plain, sealed=sealed)


def _metric_edited(site: Site) -> None:
    _better(site, sealed=False)


def _metric_forged(site: Site) -> None:
    """Edit the metric everywhere: record, digests, metrics.json and notebook."""
    from toolkit.reproduce.outputs.cells import executed_digest  # noqa: PLC0415

    path = site.run / "notebook.ipynb"
    path.write_text(path.read_text().replace("10.25", "19.5"))
    plain = _plain(site)
    plain["results"]["metrics"][0]["value"] = 19.5
    plain["executed"] = executed_digest(json.loads(path.read_text())["cells"])
    _keep(site, plain, sealed=True)


def _metrics_file(site: Site) -> None:
    (site.run / "metrics.json").write_text('{"units": 19.5}\n')


def _copied(site: Site) -> None:
    """Pass a run off as a later one, by its folder's name."""
    source = site.run
    copy = source.with_name(f"2027{source.name[4:]}")
    shutil.move(source, copy)


def _parameter_forged(site: Site) -> None:
    plain = _plain(site)
    plain["recipe"]["parameters"] = {"n": 5}
    _keep(site, plain, sealed=True)


def _swapped(site: Site) -> None:
    path = site.run / "notebook.ipynb"
    plain = json.loads(path.read_text())
    plain["cells"][-1]["source"] = "print('a nicer cell')"
    path.write_text(json.dumps(plain))


def _output_edited(site: Site) -> None:
    path = site.run / "notebook.ipynb"
    path.write_text(path.read_text().replace("10.25", "12.5"))


def _table_edited(site: Site) -> None:
    path = site.run / "tables/by_shop.csv"
    path.write_text(path.read_text().replace("31", "41"))


def _status_forged(site: Site) -> None:
    """Say of a run that failed that it finished."""
    plain = _plain(site)
    plain |= {"status": "finished", "error": None}
    for cell in plain["cells"]:
        cell["status"] = "finished"
    _keep(site, plain, sealed=True)


def _evidence(site: Site, **facts: object) -> None:
    """Write evidence that nobody gained."""
    record = _plain(site)
    plain = {
        "schema": 1,
        "run": record["run"],
        "record": record["digest"],
        "results": "0" * 64,
        "verdict": {"run": record["run"], "notebook": "", "value": "reproduced"},
        "environment": record["recipe"]["environment"],
        "source": None,
        "verifier": "0.1.0",
        "commit": None,
        "ci": None,
        "finished": "2027-01-01T00:00:00Z",
        "digest": "0" * 64,
        **facts,
    }
    path = site.run / "verification-20270101T000000Z-00000000.json"
    path.write_text(json.dumps(plain))


def _evidence_forged(site: Site) -> None:
    _evidence(site)


def _evidence_garbled(site: Site) -> None:
    (site.run / "verification-20270101T000000Z-00000000.json").write_text("{}")


def _cut_off(site: Site) -> None:
    path = site.run / "record.json"
    path.write_bytes(path.read_bytes()[:-400])


def _unknown_key(site: Site) -> None:
    _keep(site, _plain(site) | {"approved_by": "the auditor"}, sealed=False)


group.fault(
    "a metric edited in the record", *METRIC, causes=TAMPERED, between=_metric_edited
)
group.fault(
    "a metric forged with digests that fit",
    *METRIC,
    causes=TAMPERED,
    between=_metric_forged,
)
group.fault(
    "metrics.json edited beside the record",
    *METRIC,
    causes=TAMPERED,
    between=_metrics_file,
)
group.fault(
    "a record copied to another run's name", *METRIC, causes=TAMPERED, between=_copied
)
group.fault(
    "a parameter forged",
    code("n: int = 3", "parameters"),
    LOAD,
    "print(units[:n])",
    causes=TAMPERED,
    between=_parameter_forged,
)
group.fault("the executed notebook swapped", *METRIC, causes=TAMPERED, between=_swapped)
group.fault(
    "an output edited in the executed notebook",
    *METRIC,
    causes=TAMPERED,
    between=_output_edited,
)
group.fault(
    "a printed number edited in the executed notebook",
    LOAD,
    "print('mean', sum(units) / len(units))",
    causes=TAMPERED,
    between=_output_edited,
)
group.fault("a published table edited", *TABLE, causes=TAMPERED, between=_table_edited)
group.fault(
    "a failure said to have finished",
    LOAD,
    "print(sum(units) / 0)",
    causes=(TAMPERED, "fails"),
    fails=True,
    between=_status_forged,
)
group.fault(
    "a record that breaks off",
    *METRIC,
    causes=(TAMPERED, "not readable"),
    between=_cut_off,
)
group.fault(
    "a record with a line of its own",
    *METRIC,
    causes=(TAMPERED, "not readable"),
    between=_unknown_key,
)
group.fault(
    "evidence that nobody gained",
    *METRIC,
    caught="runs",
    causes="verification-",
    between=_evidence_forged,
)
group.fault(
    "evidence that cannot be read",
    *METRIC,
    caught="runs",
    causes="verification-",
    between=_evidence_garbled,
)


def _formatted(site: Site) -> None:
    """Lay the executed notebook out anew, as an editor may."""
    path = site.run / "notebook.ipynb"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=3))


def _files_gone(site: Site) -> None:
    """Keep what git keeps: record and metrics."""
    (site.run / "notebook.ipynb").unlink()
    shutil.rmtree(site.run / "tables", ignore_errors=True)


group.clean("the executed notebook laid out anew", *METRIC, between=_formatted)
group.clean("only what git keeps of a run", *TABLE, between=_files_gone)

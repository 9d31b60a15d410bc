"""Records in JSON as a run leaves them, and what a report is made of."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from evidence import found

from toolkit import scope
from toolkit.publish.fields import decode, encode
from toolkit.reproduce.records.recipe import Recipe
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.trust import Trust, trust_of

Document = dict[str, Any]
NEEDS = {
    "02-baseline": ("01-data-sanity",),
    "03-error-analysis": ("01-data-sanity", "02-baseline"),
}

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320">'
    b'<path d="M20 290 L120 240 L220 250 L320 180 L420 170 L520 90 L620 60"'
    b' fill="none" stroke="#00636b" stroke-width="4"/>'
    b'<path d="M20 290 H620 M20 290 V20" stroke="#333" fill="none"/></svg>'
)

SCOPE_TEXT = """
question: Which machines will fail in the next two days?
why: The crew can look at ten of 1,000 machines a day, and wants the right ten.
pain_point: 18 machines fail a day, and nearly all of them unannounced.
client: Operator of 1,000 machines
user: The shift lead of the maintenance crew
decision: Which ten machines the crew checks today
current_strategy:
  description: The machines that have gone unchecked the longest
  worth: Nobody has counted.
  rule: longest-unchecked
horizon: 2 days
decisions: {every: 1 day, ready_by: "07:00"}
capacity: 10
costs:
  currency: USD
  failure: {low: 2500, mid: 5000, high: 10000}
  check: {low: 150, mid: 250, high: 400}
  planned_repair: {low: 300, mid: 400, high: 600}
  prevented_share: {low: 0.4, mid: 0.6, high: 0.8}
success:
  metric: hit_rate
  threshold: 3
  unit: of the 10 machines on a day's list fail within two days
assumptions: [A check prevents six in ten of the failures that it finds.]
disruption: [The shift lead gives up the fixed round.]
tables:
  machines: {source: plant/machines.csv, role: entities, entity: id}
  failures: {source: plant/failures.csv, role: events, entity: id, time: at}
label: {table: failures}
evaluation:
  {window: growing, first_training: 180 days, test_length: 7 days, step: 7 days,
   gap: 3 days}
"""
SCOPE = scope.parse(SCOPE_TEXT)


def metric(name: str, value: float, **rest: object) -> Document:
    return {"name": name, "value": value, **rest}


def table(
    name: str,
    columns: Mapping[str, str],
    preview: Sequence[Sequence[object]],
    **rest: object,
) -> Document:
    return {
        "name": name,
        "title": "",
        "columns": [
            {"name": column, "kind": kind, "categories": None, "ordered": False}
            for column, kind in columns.items()
        ],
        "rows": len(preview),
        "digest": "0" * 64,
        "preview": [list(row) for row in preview],
        **rest,
    }


def figure(name: str, alt: str, caption: str = "", image: bytes = SVG) -> Document:
    digest = hashlib.sha256(image).hexdigest()
    return {"name": name, "alt": alt, "caption": caption, "digest": digest}


def finding(
    code: str, severity: str, place: str, message: str, **rest: object
) -> Document:
    return {
        "code": code,
        "severity": severity,
        "place": place,
        "message": message,
        "advice": "Ask the client, and accept it in scope.yaml with the reason.",
        "count": 199,
        "accepted": None,
        **rest,
    }


def record(
    stem: str,
    *,
    day: int = 23,
    status: str = "finished",
    commit: str | None = "3f2a9c1b7d5e48f6a0b1c2d3e4f5061728394a5b",
    dirty: bool | None = False,
    upstream: Mapping[str, str] | None = None,
    error: Mapping[str, object] | None = None,
    **results: Sequence[Document],
) -> Document:
    kinds = ("metrics", "tables", "figures", "findings")
    return {
        "schema": 3,
        "run": run_id(stem, day),
        "status": status,
        "recipe": recipe(stem, upstream or {}),
        "results": {kind: list(results.get(kind, ())) for kind in kinds},
        "cells": [],
        "error": dict(error) if error else None,
        "trace": encode(Trace()),
        "circumstances": {
            "started": f"2026-11-{day:02}T18:15:00Z",
            "finished": f"2026-11-{day:02}T18:15:42Z",
            "seconds": 42.0,
            "commit": commit,
            "dirty": dirty,
            "ci": None,
            "not_captured": ["files that a cell reads without naming them"],
        },
    }


def recipe(stem: str, upstream: Mapping[str, str]) -> Document:
    return {
        "digest": "",
        "notebook": {"path": f"notebooks/{stem}.ipynb", "digest": "b2" * 32},
        "parameters": {"n_resamples": 10000, "seed": 0},
        "code": "c3" * 32,
        "data": {"plant/machines.csv": "d4" * 32, "plant/failures.csv": "e5" * 32},
        "scope": "f6" * 32,
        "environment": {
            "lock": "07" * 32,
            "python": "3.11.7",
            "platform": "linux-x86_64",
            "installed": "18" * 32,
        },
        "upstream": dict(upstream),
        "upstream_results": dict.fromkeys(upstream, "29" * 32),
    }


def as_record(document: Document) -> Record:
    """Return the record of a document that was written by hand, without digests."""
    return decode(Record, document)


def verified(record: Record) -> Trust:
    """Return the trust of a run that was verified under every variation."""
    return trust_of(record, (found(record),))


def run_id(stem: str, day: int = 23) -> str:
    used = dict.fromkeys(NEEDS.get(stem, ()), "")
    digest = decode(Recipe, recipe(stem, used)).digest
    return f"202611{day:02}-181500-{stem}-{digest[:8]}"

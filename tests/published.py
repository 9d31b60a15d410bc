"""What the publishing functions showed."""

import json
from typing import Any

import pytest

from toolkit.publish import claims

Bundle = dict[str, Any]
PREFIX = "application/vnd.toolkit."


def collected(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """Bundles that the cell would show, as they come out of the executed notebook."""
    bundles: list[Bundle] = []

    def keep(data: Bundle) -> None:
        bundles.append(json.loads(json.dumps(data, allow_nan=False)))

    monkeypatch.setattr(claims, "show", keep)
    return bundles

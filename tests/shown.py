"""Outputs of a cell."""

import base64
import struct
import zlib
from typing import Any

from notebooks import cell
from toolkit.reproduce.outputs.cells import CellOutput, normalise_outputs

METRIC = "application/vnd.toolkit.metric+json"


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def displayed(**data: object) -> dict[str, Any]:
    mimes = {
        "html": "text/html",
        "plain": "text/plain",
        "svg": "image/svg+xml",
        "png": "image/png",
        "plotly": "application/vnd.plotly.v1+json",
        "widget": "application/vnd.jupyter.widget-view+json",
        "script": "application/javascript",
        "latex": "text/latex",
        "other": "application/x-other",
        "metric": METRIC,
    }
    return {
        "output_type": "display_data",
        "data": {mimes[name]: value for name, value in data.items()},
        "metadata": {},
    }


def shown(*outputs: dict[str, Any], source: str = "x", **rest: Any) -> CellOutput:  # noqa: ANN401 -- passed on
    plain = cell(source, *rest.pop("tags", ())) | {"outputs": list(outputs)}
    (only,) = normalise_outputs([plain], **rest)
    return only


def png(*, text: bytes = b"", level: int = 6, pixel: int = 7, parts: int = 1) -> str:
    """A PNG of 4 by 2 grey pixels."""
    packed = zlib.compress(bytes([0, 1, 2, 3, pixel]) * 2, level)
    size = -(-len(packed) // parts)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 4, 2, 8, 0, 0, 0, 0))]
    chunks += [(b"tEXt", text)] if text else []
    chunks += [(b"IDAT", packed[n : n + size]) for n in range(0, len(packed), size)]
    chunks.append((b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data))
        for kind, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()

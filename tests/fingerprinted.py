"""Files whose digests are remembered."""

import os
import time
from pathlib import Path

BIG = b"x" * (1 << 17)  # enough to be read in pieces


def aged(path: Path) -> Path:
    """Wait until a change of the file would have another time stamp."""
    while time.time_ns() - path.stat().st_ctime_ns < 2 * 10**8:
        time.sleep(0.02)
    return path


def change(folder: Path, name: str, how: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if how == "write":
        path.write_bytes(content)
    elif how == "append":
        with path.open("ab") as stream:
            stream.write(content)
    elif how == "replace":
        partial = folder / "partial"
        partial.write_bytes(content)
        partial.replace(path)
    elif path.exists():
        if how == "touch":
            path.touch()
        elif how == "rename":
            path.rename(folder / "b")
        elif how == "delete":
            path.unlink()
        else:
            stamp = path.stat()
            path.write_bytes(content)
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

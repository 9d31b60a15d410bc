"""Kernels: which exist, and the pinned surrounding that one starts in."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError
from toolkit.reproduce.notebook import PYTHON_KERNEL

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

PINNED: Mapping[str, str] = {
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",  # joblib's processes use the cores
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
# OpenBLAS picks its kernels by the processor, and a fit that stops before it converges
# carries their last digits into its numbers: one choice for all processors since 2013.
if platform.machine() in {"x86_64", "AMD64"}:
    PINNED = {**PINNED, "OPENBLAS_CORETYPE": "Haswell"}
_DROPPED = ("IPYTHON", "JPY_", "JUPYTER_", "LC_", "MPL", "XDG_")
_DROPPED_WHOLE = frozenset(
    f"PYTHON{name}"
    for name in (
        "BREAKPOINT",
        "DEBUG",
        "DONTWRITEBYTECODE",  # or every kernel compiles the project anew
        "INSPECT",
        "OPTIMIZE",
        "STARTUP",
        "UNBUFFERED",
        "WARNINGS",
    )
) | {"LANGUAGE"}
_LONGEST_SOCKET = 100  # bytes; macOS allows 103, Linux 107
_FONTS = "fontlist-*.json"


@dataclass(eq=False)
class UnknownKernelError(ToolkitError, LookupError):
    """A notebook names a kernel that is not installed here."""

    notebook: str
    kernel: str
    installed: tuple[str, ...]

    def __str__(self) -> str:
        close = get_close_matches(self.kernel, self.installed, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "choose one in JupyterLab"
        return (
            f"{self.notebook}: names the kernel {self.kernel!r}, which is not "
            f"installed; there is: {', '.join(self.installed)}; {hint}"
        )


def check_kernel(notebook: str, kernel: str) -> None:
    """Check that a kernel is there.

    Raises
    ------
    UnknownKernelError : if it is not
    """
    if kernel == PYTHON_KERNEL:  # this interpreter, whatever kernelspecs lie around
        return
    from jupyter_client.kernelspec import KernelSpecManager  # noqa: PLC0415 -- slow

    specs: Mapping[str, str] = KernelSpecManager().find_kernel_specs()
    installed = tuple(sorted({PYTHON_KERNEL, *specs}))
    if kernel not in installed:
        raise UnknownKernelError(notebook=notebook, kernel=kernel, installed=installed)


@contextmanager
def kernel_home(environ: Mapping[str, str]) -> Iterator[Path]:
    """Give an empty folder for a kernel's HOME, temporary files and sockets.

    Parameters
    ----------
    environ : environment of this process; it tells where matplotlib's list of fonts is
    """
    with tempfile.TemporaryDirectory(prefix="tk", ignore_cleanup_errors=True) as made:
        home = Path(made)
        for name in ("home", "tmp", "mpl"):
            (home / name).mkdir()
        fonts = _font_cache(environ)
        with suppress(OSError):
            for path in fonts.glob(_FONTS):
                shutil.copyfile(path, home / "mpl" / path.name)
        yield home
        with suppress(OSError):
            _keep_fonts(home / "mpl", fonts)


def kernel_environment(
    environ: Mapping[str, str], home: Path, more: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Hash seed, time zone, locale and threads are pinned; HOME, the temporary folder and
    the settings of IPython, Jupyter and matplotlib are empty; the rest is passed on.

    Parameters
    ----------
    environ : environment of this process
    home : as :func:`kernel_home` gave it
    more : further variables
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(_DROPPED) and name not in _DROPPED_WHOLE
    }
    own = {
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "IPYTHONDIR": str(home / "home" / ".ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "home" / ".jupyter"),
        "JUPYTER_DATA_DIR": str(home / "home" / ".jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(home / "tmp"),
        "MPLCONFIGDIR": str(home / "mpl"),
    }
    return {**kept, **PINNED, **own, **more}


def kernel_manager(kernel: str, home: Path) -> "AsyncKernelManager":
    """Return the manager of a kernel that is not yet started.

    ``python3`` is this interpreter, whatever the user's kernelspecs say. It talks over
    Unix sockets in ``home``: no port can be taken by another run.

    Parameters
    ----------
    kernel : name of the kernel
    home : as :func:`kernel_home` gave it
    """
    from jupyter_client.kernelspec import (  # noqa: PLC0415 -- slow to import
        KernelSpec,
        KernelSpecManager,
    )
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415

    class _ThisInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:  # noqa: ANN401
            if kernel_name != PYTHON_KERNEL:
                return super().get_kernel_spec(kernel_name)
            launcher = [sys.executable, "-m", "ipykernel_launcher"]
            return KernelSpec(
                argv=[*launcher, "-f", "{connection_file}"],
                display_name="Python 3",
                language="python",
            )

    manager: AsyncKernelManager = AsyncKernelManager(
        kernel_name=kernel,
        kernel_spec_manager=_ThisInterpreter(),
        connection_file=str(home / "connection.json"),
    )
    sockets = str(home / "s")
    if len(os.fsencode(f"{sockets}-5")) <= _LONGEST_SOCKET:
        manager.transport = "ipc"
        manager.ip = sockets
    return manager


def _font_cache(environ: Mapping[str, str]) -> Path:
    """Return where matplotlib keeps its list of fonts, which takes seconds to make."""
    if environ.get("MPLCONFIGDIR"):
        return Path(environ["MPLCONFIGDIR"])
    cache = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "/"), ".cache")
    return Path(cache, "matplotlib")


def _keep_fonts(made: Path, fonts: Path) -> None:
    """Keep a list of fonts that the kernel had to make, as matplotlib itself does."""
    for path in made.glob(_FONTS):
        if not (fonts / path.name).exists():
            fonts.mkdir(parents=True, exist_ok=True)
            partial = fonts / f".{path.name}.{os.getpid()}"
            shutil.copyfile(path, partial)
            partial.replace(fonts / path.name)

"""Kernels: which exist, and the pinned surrounding that one starts in."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError
from toolkit.reproduce.execution.prepared import Surround
from toolkit.reproduce.execution.quarters import HOME, KERNEL, MPL, sockets
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
# What a kernel may see of this process's environment: where programs, libraries and
# certificates are. Anything else could decide a result, and no recipe would know.
_PASSED = frozenset(
    (
        "PATH",
        "CURL_CA_BUNDLE",
        "FONTCONFIG_FILE",
        "FONTCONFIG_PATH",
        "GDAL_DATA",
        "JAVA_HOME",
        "PROJ_DATA",
        "PROJ_LIB",
        "REQUESTS_CA_BUNDLE",
        "R_HOME",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SYSTEMROOT",
        "TZDIR",
    )
)
_PASSED_FAMILIES = ("CUDA_", "DYLD_", "LD_", "NIX_", "NVIDIA_", "ROCR_")


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


def kernel_environment(
    environ: Mapping[str, str], surround: Surround
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Hash seed, time zone, locale and threads are pinned; HOME, the temporary folder and
    the settings of IPython, Jupyter and matplotlib are empty. Of the rest only those
    pass that say where programs and libraries are.

    Parameters
    ----------
    environ : environment of this process
    surround : its home, interpreter and further variables, which win
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in _PASSED or name.startswith(_PASSED_FAMILIES)
    }
    binaries = str(surround.python.parent)  # so that `!python` is this one, too
    if binaries not in kept.get("PATH", "").split(os.pathsep):
        kept["PATH"] = os.pathsep.join(filter(None, (binaries, kept.get("PATH"))))
    home = surround.home
    own = {
        "HOME": str(home / HOME),
        "TMPDIR": str(home / "tmp"),
        "IPYTHONDIR": str(home / KERNEL / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / KERNEL / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / KERNEL / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(home / KERNEL),
        "MPLCONFIGDIR": str(home / MPL),
    }
    return {**kept, **PINNED, **own, **surround.variables}


def kernel_manager(kernel: str, home: Path, python: Path) -> "AsyncKernelManager":
    """Return the manager of a kernel that is not yet started.

    ``python3`` is the given interpreter, whatever kernelspecs there are. It talks over
    Unix sockets in ``home``: no port can be taken by another run.

    Parameters
    ----------
    kernel : name of the kernel
    home : an empty folder of its own
    python : the interpreter of ``python3``
    """
    from jupyter_client.kernelspec import (  # noqa: PLC0415 -- slow to import
        KernelSpec,
        KernelSpecManager,
    )
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415

    class _Interpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:  # noqa: ANN401
            if kernel_name != PYTHON_KERNEL:
                return super().get_kernel_spec(kernel_name)
            launcher = [str(python), "-m", "ipykernel_launcher"]
            return KernelSpec(
                argv=[*launcher, "-f", "{connection_file}"],
                display_name="Python 3",
                language="python",
            )

    manager: AsyncKernelManager = AsyncKernelManager(
        kernel_name=kernel,
        kernel_spec_manager=_Interpreter(),
        connection_file=str(home / KERNEL / "c.json"),
    )
    manager.transport = "ipc"  # in a network of its own, a kernel has no other
    manager.ip = str(sockets(home) / "s")
    return manager

"""The kernel of this interpreter, and the pinned surrounding that it starts in."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.reproduce.execution.prepared import Surround
from toolkit.reproduce.execution.quarters import HOME, KERNEL, MPL, sockets
from toolkit.reproduce.notebook import PYTHON_KERNEL
from toolkit.reproduce.policy import SIGNING_KEY

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


def kernel_environment(
    environ: Mapping[str, str], surround: Surround
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Hash seed, time zone, locale and threads are pinned; HOME, the temporary folder and
    the settings of IPython, Jupyter and matplotlib are empty. Of the rest only those
    pass that say where programs and libraries are; the signing key never does.

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
    variables = {**kept, **PINNED, **own, **surround.variables}
    variables.pop(SIGNING_KEY, None)  # also where scope.yaml lets it pass
    return variables


def kernel_manager(home: Path, python: Path) -> "AsyncKernelManager":
    """Return the manager of a kernel that is not yet started.

    It is the given interpreter, whatever the notebook calls its kernel: such names are
    another machine's, and the recipe's environment tells what runs. It talks over Unix
    sockets in ``home``: no port can be taken by another run.

    Parameters
    ----------
    home : an empty folder of its own
    python : the interpreter
    """
    from jupyter_client.kernelspec import (  # noqa: PLC0415 -- slow to import
        KernelSpec,
        KernelSpecManager,
    )
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415

    class _Interpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:  # noqa: ANN401, ARG002
            launcher = [str(python), "-m", "ipykernel_launcher"]
            return KernelSpec(
                argv=[*launcher, "-f", "{connection_file}"],
                display_name="Python 3",
                language="python",
            )

    manager: AsyncKernelManager = AsyncKernelManager(
        kernel_name=PYTHON_KERNEL,
        kernel_spec_manager=_Interpreter(),
        connection_file=str(home / KERNEL / "c.json"),
    )
    manager.transport = "ipc"  # in a network of its own, a kernel has no other
    manager.ip = str(sockets(home) / "s")
    return manager

"""Which packages an import can come from."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions

from toolkit.reproduce.environments.listing import normal_name

# modules that are not called as their packages are; any of these may bring them
_KNOWN: Mapping[str, str] = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cairo": "pycairo",
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu faiss-gpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google": "google-cloud-storage google-cloud-bigquery protobuf google-auth",
    "igraph": "python-igraph",
    "imblearn": "imbalanced-learn",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "MySQLdb": "mysqlclient",
    "nacl": "pynacl",
    "OpenSSL": "pyopenssl",
    "osgeo": "gdal",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "pywt": "pywavelets",
    "Levenshtein": "python-levenshtein",
    "rest_framework": "djangorestframework",
    "ruamel": "ruamel-yaml",
    "serial": "pyserial",
    "shapefile": "pyshp",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "sklego": "scikit-lego",
    "skopt": "scikit-optimize",
    "slugify": "python-slugify",
    "snappy": "python-snappy",
    "tensorflow": "tensorflow-cpu tensorflow-macos tensorflow-intel",
    "umap": "umap-learn",
    "usb": "pyusb",
    "wx": "wxpython",
    "xgboost": "xgboost-cpu",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}


def provided(module: str, locked: Collection[str]) -> bool:
    """Whether a lock names a package that brings a module.

    Parameters
    ----------
    module : top-level name
    locked : normal names of packages

    Examples
    --------
    >>> provided("sklearn", {"scikit-learn"}), provided("pump", {"scikit-learn"})
    (True, False)
    """
    return any(name in locked for name in _candidates(module))


def _candidates(module: str) -> Iterator[str]:
    yield normal_name(module)
    yield from _KNOWN.get(module, "").split()
    yield from _installed().get(module, ())


@cache
def _installed() -> Mapping[str, tuple[str, ...]]:
    """Return the packages of each module that is installed here."""
    return {
        module: tuple(normal_name(name) for name in names)
        for module, names in packages_distributions().items()
    }

"""What becomes of a value that is not the same everywhere, as it is passed on.

A *strain* says in what way a value differs from one execution to the next:

- ``random``: another value; ``maker``: what draws it later (a generator, an estimator)
- ``order``: the same elements in another order
- ``digits``: the same number but for its last digits
- ``moment``: what the clock said; ``duration``: how long something took
- ``value``: what a machine says of itself, or what was computed from anything of these
- ``place``: a path of this machine, harmless unless something is computed from it
- ``read``: a path, followed until something is read there; ``written``: until
  something is written there
- ``count``: how many workers there are
"""

import ast
from collections.abc import Mapping
from typing import Literal, TypeAlias

from toolkit.reproduce.diagnosis.words import words

Strain: TypeAlias = Literal[
    "random",
    "maker",
    "order",
    "digits",
    "moment",
    "duration",
    "value",
    "place",
    "count",
    "read",
    "written",
]
FITS = words("fit fit_transform fit_predict fit_resample partial_fit train_on_batch")
_SILENT = words(
    "isinstance issubclass type hasattr callable id sleep warn gc display_help seed "
    "debug info warning error exception critical log set_description set_postfix "
    "assert_allclose assert_array_equal assert_almost_equal assert_array_almost_equal "
    "assert_equal assert_frame_equal assert_series_equal allclose array_equal "
    "manual_seed set_seed is_fitted check_is_fitted mkdir makedirs exists is_file "
    "is_dir isfile isdir rmtree unlink remove close flush chdir input kill killpg "
    "to_csv to_parquet to_excel to_json to_pickle to_sql to_hdf to_feather savefig "
    "save save_model write_csv write_parquet write_image write_html copy2 copyfile"
)
_SIZES = words("len shape size ndim count_params zeros_like ones_like full_like")
_SIZE_PARTS = words(
    "shape size ndim dtype dtypes columns nbytes device itemsize dims sizes "
    "n_features_in_ feature_names_in_ classes_ _fields"
)
_SORTS = words(
    "sorted len set frozenset min max any all unique sort argsort isin intersect1d "
    "union1d setdiff1d natsorted fsum bincount histogram heapify nunique "
    "value_counts sort_values sort_index groupby group_by hist histplot boxplot "
    "bool pivot_table crosstab median count"
)
_ROUNDS = words(
    "round rint floor ceil int len fsum around allclose isclose bool argmax argsort "
    "argmin plot sorted hist"
)
_SAME_MOMENT = words(
    "str format strftime isoformat replace astimezone date time timetuple int float "
    "round to_pydatetime datetime Timestamp ctime asctime localtime gmtime repr print "
    "strip split join timestamp tz_localize tz_convert timetuple display"
)
_FROM_PLACE = words(
    "crc32 adler32 md5 sha1 sha256 sha512 blake2b hash encode len sum ord map "
    "hexdigest digest update"
)
_SAME_PLACE = words(
    "str Path PurePath PosixPath join joinpath resolve absolute abspath realpath "
    "expanduser normpath fspath as_posix with_suffix with_name format replace dirname "
    "rstrip strip"
)
_PLACE_PARTS = words("parent parents name stem parts glob rglob iterdir")
_PATHS = ("place", "read", "written")
_COUNTED = words("range arange linspace array_split split batched islice chunked")
_SAME_COUNT = words("int max min len round abs")
_WORKERS = words(
    "n_jobs max_workers num_workers processes workers n_workers nthreads threads "
    "num_threads n_threads nproc cores num_parallel_calls max_threads thread_count"
)
_APART = words(
    "key desc label callbacks log_dir logdir run_name experiment_name tags end sep "
    "verbose disable file"
)
_POOLS = words(
    "ThreadPoolExecutor ProcessPoolExecutor Pool ThreadPool Parallel LocalCluster "
    "Client set_num_threads set_num_interop_threads Semaphore cpu_count"
)
_BUILDS = words("clone deepcopy list tuple dict print enumerate zip")
_KEPT = words("set_params get_params bit_generator named_steps to cuda cpu eval")
_OF_COUNT = (_SAME_COUNT, _COUNTED)
_OF_PATH = (_SAME_PLACE, _FROM_PLACE)
_STOPPED_BY: Mapping[str, frozenset[str]] = {
    "random": _SIZES,
    "maker": _SIZES,
    "order": _SORTS,
    "digits": _ROUNDS,
    "count": _POOLS,
}
_STOPPED_AT: Mapping[str, frozenset[str]] = {
    "random": _SIZE_PARTS,
    "maker": _SIZE_PARTS,
    "order": _SIZE_PARTS | words("empty"),
    "digits": _SIZE_PARTS,
}


def called_with(strain: Strain, last: str) -> Strain | None:
    """Return what a call gives back that was given a value; None: nothing of it.

    Parameters
    ----------
    strain : of the value
    last : the last part of the function's name, "" if it has none

    Examples
    --------
    >>> called_with("order", "sorted") is None
    True
    >>> called_with("moment", "date_range"), called_with("moment", "str")
    ('value', 'moment')
    """
    if last in _SILENT or last in _STOPPED_BY.get(strain, ()):
        return None
    if strain == "maker":
        keeps = last[:1].isupper() or last in _BUILDS or last.startswith("make_")
        return "maker" if keeps else "random"
    if strain == "moment":
        return "moment" if last in _SAME_MOMENT else "value"
    if strain == "count" or strain in _PATHS:
        same, other = _OF_COUNT if strain == "count" else _OF_PATH
        if last in other and strain in ("count", "place"):
            return "value"
        return strain if last in same else None
    return strain


def asked_for(strain: Strain, attribute: str, *, called: bool = True) -> Strain | None:
    """Return what an attribute of a value is, or its method gives back."""
    if attribute in _STOPPED_AT.get(strain, ()):
        return None
    if strain == "maker":
        learnt = called or attribute.endswith("_")
        return "random" if learnt and attribute not in _KEPT else "maker"
    if strain in _PATHS:
        if attribute in _FROM_PLACE and strain == "place":
            return "value"
        return strain if attribute in _SAME_PLACE | _PLACE_PARTS else None
    if strain == "moment":
        return "moment" if attribute in _SAME_MOMENT else "value"
    return strain


def given_as(strain: Strain, word: str | None) -> Strain | None:
    """Return what a value is to a call that is given it under a name."""
    if word in _WORKERS and strain in ("count", "value"):
        return None
    return None if word in _APART else strain


def shown_as(strain: Strain, node: ast.FormattedValue) -> Strain | None:
    """Return what is left of a value in a text with a format."""
    spec = node.format_spec
    text = ast.unparse(spec) if spec is not None else ""
    return None if strain == "digits" and "." in text else strain


def compared(strain: Strain, node: ast.Compare) -> Strain | None:
    """Return what a comparison of a value says."""
    if strain in ("order", "digits", "maker", "count", *_PATHS):
        return None
    is_none = any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops)
    if is_none and strain != "value":
        return None
    return "random" if strain == "random" else "value"


def element_of(above: ast.Subscript, node: ast.AST, strain: Strain) -> Strain | None:
    """Return what an element or a part is, by the value or by the index."""
    if strain == "maker":
        return "maker" if node is above.value else None
    if strain == "count" and node is not above.value:
        return "value"
    if strain == "order" and node is above.value and _is_part(above.slice):
        return "random"  # no sorting brings back what was left out
    return "value" if strain == "moment" else strain


def _is_part(index: ast.expr) -> bool:
    """Whether an index takes some elements by their places: ``x[:3]``, ``x[-1]``."""
    if isinstance(index, ast.Slice):
        return index.lower is not None or index.upper is not None
    if isinstance(index, ast.UnaryOp):
        index = index.operand
    return isinstance(index, ast.Constant) and isinstance(index.value, int)

"""Which files a verification executes: those of the commit, or those of the tree."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.publish.fields import encode
from toolkit.publish.results import Results, Sha256
from toolkit.reproduce.checkout.commits import checkout
from toolkit.reproduce.checkout.git import CheckoutError
from toolkit.reproduce.notebook import Notebook
from toolkit.reproduce.outputs.rules import NUMBER as OUTPUT_RULES
from toolkit.reproduce.parameters.schema import Schema, read_schema
from toolkit.reproduce.parameters.values import Given, Values, resolve
from toolkit.reproduce.pipeline.freshness import is_seen
from toolkit.reproduce.policy import load_policy
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.sources import (
    NO_CODE,
    SCOPE,
    code_digest,
    data_digest,
    load_data,
    load_notebook,
)
from toolkit.reproduce.workspace.patterns import Patterns, has_magic

_MOST_FILES = 2000  # sources that a diagnosis reads


@dataclass(eq=False)
class DriftError(ToolkitError):
    """What a run was made of is not here any more."""

    run: str
    found: tuple[str, ...]  # sentences
    tampered: bool = False  # and it never was: the record says what is not so

    def __str__(self) -> str:
        return f"{self.run}: {'; '.join(self.found)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The files of a run's recipe, as they lie in a folder."""

    root: Path
    commit: str | None  # None: the work tree itself
    notebook: Notebook
    values: Values
    supplied: Mapping[str, Path]  # declared data that the commit does not hold
    notes: tuple[str, ...] = ()


def find_source(record: Record, root: Path, target: Path) -> Source:
    """Return the files that a run was made of.

    Those of its commit, if it was made of a clean one; else those of the work tree,
    if they are still the ones that were run.

    Parameters
    ----------
    record : of the run
    root : of the project
    target : folder that is not there yet, for a checkout

    Raises
    ------
    DriftError : if they are not here any more
    """
    about, notes = record.circumstances, tuple[str, ...]()
    if about.commit is not None and about.dirty is False:
        try:
            notes = checkout(root, about.commit, target)
        except CheckoutError as error:
            notes = (f"took the work tree, as its commit is not here ({error})",)
        else:
            supplied = _supplied(root, target)
            source = _source(record, target, about.commit, supplied)
            return replace(source, notes=notes)
    return replace(_source(record, root, None, {}), notes=notes)


def _source(
    record: Record, root: Path, commit: str | None, supplied: Mapping[str, Path]
) -> Source:
    path = root / record.recipe.notebook.path
    where = "the work tree" if commit is None else f"commit {commit[:8]}"
    if not path.is_file():
        found = f"{where} has no {record.recipe.notebook.path}"
        raise DriftError(run=record.run, found=(found,), tampered=commit is not None)
    notebook = load_notebook(path, root=root)
    if notebook.digest != record.recipe.notebook.digest:
        raise DriftError(
            run=record.run,
            found=(f"{notebook.path} of {where} is not the notebook that was run",),
            tampered=commit is not None,
        )
    if drifted := tuple(_drift(record, root, supplied)):
        raise DriftError(run=record.run, found=drifted)
    values = _values(record, notebook, where)
    return Source(
        root=root, commit=commit, notebook=notebook, values=values, supplied=supplied
    )


def _drift(record: Record, root: Path, supplied: Mapping[str, Path]) -> Iterator[str]:
    """Yield which code and data are not those of the recipe."""
    recipe = record.recipe
    if record.output_rules != OUTPUT_RULES and record.results == Results():
        yield (
            f"its outputs were kept by rules {record.output_rules}, and this version "
            f"compares by rules {OUTPUT_RULES}: run it again"
        )
    if code_digest(root, (root / recipe.notebook.path).parent) != recipe.code:
        yield "the project's code is not the one that was run"
    wanted: dict[str, Sha256] = dict(record.trace.inputs)
    if not is_seen(record.trace):  # nobody knows what else it read
        wanted |= recipe.data
        if load_data(root).scope != recipe.scope:
            yield f"{SCOPE} is not the one that was run with"
    for path, digest in wanted.items():
        here = _digest(_real(path, root, supplied))
        if here is None:
            yield f"{path} is not here"
        elif here != digest:
            yield f"{path} was changed since the run"


def _digest(path: Path) -> Sha256 | None:
    return data_digest(path) if path.exists() else None


def _supplied(root: Path, target: Path) -> dict[str, Path]:
    """Return declared files and folders that the commit does not hold."""
    declared = Patterns(load_policy(target).declared, project=root)
    return {
        path.relative_to(root).as_posix(): path
        for name in declared.names
        if not Path(name).is_absolute()
        for place in (root.glob(name) if has_magic(name) else [root / name])
        for path in _absent(place, root, target)
    }


def _absent(place: Path, root: Path, target: Path) -> Iterator[Path]:
    """Yield what lies at or below a place of the project, and not in the target."""
    other = target / place.relative_to(root)
    if place.exists() and not other.exists():
        yield place
    elif place.is_dir() and other.is_dir():
        for inner in sorted(place.iterdir()):
            yield from _absent(inner, root, target)


def _real(path: str, root: Path, supplied: Mapping[str, Path]) -> Path:
    """Return where a file of the project lies, or what is supplied in its place."""
    for parent in (Path(path), *Path(path).parents):
        if parent.as_posix() in supplied:
            return supplied[parent.as_posix()] / Path(path).relative_to(parent)
    return root / path


def _values(record: Record, notebook: Notebook, where: str) -> Values:
    """Return the recorded parameters, as values to execute the notebook with."""
    recorded = record.recipe.parameters
    schema = read_schema(notebook)
    given = [
        Given(name=name, value=value, where="record")
        for name, value in recorded.items()
        if not _is_default(schema, name, value)
    ]
    unknown = sorted(set(recorded) - set(schema.names))
    found = f"the record's parameter {unknown[0]!r} is none of it" if unknown else ""
    try:
        values = resolve(schema, given)
    except ToolkitError as error:
        found = found or f"the record's parameters do not fit ({error})"
    else:
        if not found and encode(values.effective) != encode(recorded):
            found = "the record's parameters are not all of those that it declares"
    if found:
        sentence = f"{notebook.path} of {where}: {found}"
        raise DriftError(run=record.run, found=(sentence,), tampered=True)
    return values


def _is_default(schema: Schema, name: str, value: object) -> bool:
    declared = {parameter.name: parameter for parameter in schema.parameters}
    if name not in declared or declared[name].required:
        return False
    parameter = declared[name]
    if parameter.expression is not None:
        return value == {"expression": parameter.expression}
    same = encode(parameter.default) == encode(value)
    return same and type(parameter.default) is type(value)


def source_files(root: Path, notebook: str) -> dict[str, str]:
    """Return the project's own Python sources by path, for a diagnosis.

    Parameters
    ----------
    root : of the project
    notebook : path from there; modules beside it belong to it
    """
    found = {}
    for folder in (root, root / "src", (root / notebook).parent):
        packages = (init.parent for init in folder.glob("*/__init__.py"))
        own = (package for package in packages if package.name not in NO_CODE)
        paths = [*folder.glob("*.py"), *(p for one in own for p in one.rglob("*.py"))]
        for path in sorted(paths)[:_MOST_FILES]:
            with suppress(OSError, UnicodeDecodeError):
                found[path.relative_to(root).as_posix()] = path.read_text("utf-8")
    return found

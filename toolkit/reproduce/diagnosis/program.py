"""A notebook with the modules of its project, and what a name in it stands for."""

import ast
import builtins
import sys
from collections.abc import Iterator, Mapping

from toolkit.reproduce.diagnosis.cells import (
    cell_sources,
    file_source,
    module_names,
)
from toolkit.reproduce.diagnosis.steps import Reader, Scope, Step
from toolkit.reproduce.diagnosis.trees import (
    imported_by_call,
    last_name,
    plain_imports,
    walked,
)
from toolkit.reproduce.notebook import Notebook

MAIN = "__main__"
_BUILTINS = frozenset(dir(builtins)) | {"display", "__shell__", "__file__"}
_DEEP = 8  # how many aliases are followed


class Program:
    """Cells in the order of the notebook, and each file once something names it."""

    def __init__(self, notebook: Notebook, files: Mapping[str, str]) -> None:
        self._files = files
        self._paths = module_names(files, notebook.path)
        self._reader = Reader()
        self._tops = {name.partition(".")[0] for name in self._paths}
        self._methods: dict[str, list[Scope]] = {}
        self._setters: dict[str, list[Step]] = {}
        self._set_for = 0
        self._indexed = 0  # how many modules the methods are of
        self.main = Scope(MAIN, None)
        self.modules: dict[str, Scope] = {MAIN: self.main}  # by path of the file
        self.cells = tuple(cell_sources(notebook))
        for source in self.cells:
            self._reader.read(source, self.main)
        self._sites: dict[str, tuple[tuple[ast.Call, Step], ...]] = {}
        self._words: dict[str, list[Step]] = {}
        self._words_of = 0

    def module(self, dotted: str) -> Scope | None:
        """Return a module of the project by its dotted name, read when first asked."""
        path = self._paths.get(dotted)
        if path is None or dotted.partition(".")[0] in sys.stdlib_module_names:
            return None
        if path not in self.modules:
            scope = self.modules[path] = Scope(dotted, None)
            inside = path.endswith("__init__.py")
            package = dotted if inside else dotted.rpartition(".")[0]
            self._reader.read(file_source(path, self._files[path]), scope, package)
        return self.modules[path]

    def load_imported(self) -> None:
        """Read every file that the cells import, and what those import."""
        done: set[int] = set()
        waiting = [self.main]
        while waiting:
            scope = waiting.pop()
            if id(scope) in done:
                continue
            done.add(id(scope))
            waiting += scope.inner
            for dotted in [*scope.imports.values(), *scope.stars]:
                waiting += self._chain(dotted)
            for name in {d for step in scope.steps for d in plain_imports(step)}:
                waiting += self._chain(name)

    def _chain(self, dotted: str) -> Iterator[Scope]:
        parts = dotted.split(".")
        for end in range(1, len(parts) + 1):
            if scope := self.module(".".join(parts[:end])):
                yield scope

    def scopes(self) -> Iterator[Scope]:
        """Yield every scope that was read, outer ones first."""
        waiting = list(self.modules.values())
        while waiting:
            scope = waiting.pop(0)
            yield scope
            waiting += scope.inner

    def steps(self) -> Iterator[Step]:
        """Yield every statement that was read."""
        for scope in self.scopes():
            yield from scope.steps

    def line(self, cell: int | None, file: str | None, number: int) -> str:
        """Return a line of a cell or a file, "" if there is none."""
        if file is not None:
            lines = self._files.get(file, "").split("\n")
            return lines[number - 1].strip() if 0 < number <= len(lines) else ""
        found = (source for source in self.cells if source.cell == cell)
        return next((source.line(number) for source in found), "")

    # names

    def dotted(self, node: ast.AST, scope: Scope, deep: int = 0) -> str | None:
        """Return what an expression names, through imports: ``numpy.random.rand``.

        Built-ins have their bare names; what the project defines is under its module.
        None for a local variable, and for what is no chain of names.
        """
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call):
            base = imported_by_call(node) or self._taken(node, scope, deep)
        elif isinstance(node, ast.Name):
            base = self._origin(node.id, scope, deep)
        else:
            base = None
        return ".".join([base, *reversed(names)]) if base else None

    def _taken(self, node: ast.Call, scope: Scope, deep: int) -> str | None:
        """Follow ``getattr(random, "choice")``."""
        match node:
            case ast.Call(
                func=ast.Name(id="getattr"),
                args=[owner, ast.Constant(value=str(name)), *_],
            ):
                dotted = self.dotted(owner, scope, deep + 1)
                return f"{dotted}.{name}" if dotted else None
        return None

    def _origin(self, name: str, scope: Scope, deep: int) -> str | None:
        here: Scope | None = scope
        while here is not None and deep < _DEEP:
            if name in here.imports:
                return here.imports[name]
            if name in here.parameters:
                return None
            if name in here.functions or name in here.classes:
                return f"{here.root.name}.{name}"
            if name in here.bound:
                return self._alias(name, here, deep)
            here = here.parent
        if name in _BUILTINS:
            return name
        return f"{scope.root.stars[-1]}.{name}" if scope.root.stars else None

    def _alias(self, name: str, scope: Scope, deep: int) -> str | None:
        """Follow ``now = datetime.now`` and ``np = import_module("numpy")``."""
        steps = [s for s in scope.definitions[name] if name in s.binds]
        if len(steps) != 1 or not isinstance(steps[0].node, ast.Assign):
            return None
        value = steps[0].node.value
        if isinstance(value, (ast.Name, ast.Attribute)):
            return self.dotted(value, scope, deep + 1)
        return imported_by_call(value)

    def callee(self, node: ast.AST, scope: Scope) -> Scope | None:
        """Return the project's function or class that an expression names."""
        if isinstance(node, ast.Name):
            here: Scope | None = scope
            while here is not None:
                if found := here.functions.get(node.id) or here.classes.get(node.id):
                    return found
                if node.id in here.parameters:
                    return None
                here = here.parent
        dotted = self.dotted(node, scope)
        return self.lookup(dotted) if dotted else None

    def lookup(self, dotted: str, deep: int = 0) -> Scope | None:
        """Return a function or class of the project by its full name."""
        place, _, name = dotted.rpartition(".")
        if not place or deep > _DEEP:
            return None
        module = self.main if place == MAIN else self.module(place)
        if module is None:  # a method by its class, or a class's attribute
            owner = self.lookup(place, deep + 1)
            return owner.functions.get(name) if owner else None
        if found := module.functions.get(name) or module.classes.get(name):
            return found
        again = module.imports.get(name)
        if again and again != dotted:
            return self.lookup(again, deep + 1)
        stars = (self.lookup(f"{star}.{name}", deep + 1) for star in module.stars)
        return next(filter(None, stars), None)

    def variable(self, dotted: str) -> tuple[Scope, str] | None:
        """Return the module and name of a variable that another module defines."""
        place, _, name = dotted.rpartition(".")
        module = self.module(place) if place else None
        if module is None:
            return None
        again = module.imports.get(name)
        return self.variable(again) if again and again != dotted else (module, name)

    def arguments(self, function: Scope, name: str) -> Iterator[tuple[ast.expr, Step]]:
        """Yield what calls of a function give for a parameter."""
        place = [p for p in function.parameters if p not in ("self", "cls")]
        if name not in place:
            return
        for call, step in self.sites(function.owner_name):
            for word in call.keywords:
                if word.arg == name:
                    yield word.value, step
            index = place.index(name)
            if index < len(call.args):
                yield call.args[index], step

    def setters(self, attribute: str) -> list[Step]:
        """Return the statements that set an attribute of an object."""
        if self._set_for != len(self.modules):
            self._set_for, self._setters = len(self.modules), {}
            for scope in self.scopes():
                for step in scope.steps:
                    names = step.own_set | (step.binds if _is_class(scope) else set())
                    for name in names:
                        self._setters.setdefault(name, []).append(step)
        return self._setters.get(attribute, [])

    @property
    def method_names(self) -> frozenset[str]:
        """The names of all methods that were read."""
        return frozenset(self._index())

    def methods(self, name: str) -> list[Scope]:
        """Return the methods of that name of all classes that were read."""
        return self._index().get(name, [])

    def _index(self) -> dict[str, list[Scope]]:
        if self._indexed != len(self.modules):
            self._indexed = len(self.modules)
            self._methods = {}
            for scope in self.scopes():
                if scope.parent and scope.owner and not _is_class(scope):
                    self._methods.setdefault(scope.name, []).append(scope)
        return self._methods

    def names_project(self, step: Step) -> bool:
        """Whether a statement names something that a file of the project may hold."""
        aliases = [
            here.imports[name]
            for name in step.uses
            for here in (step.scope, step.scope.root)
            if name in here.imports
        ]
        return any(alias.split(".")[0] in self._tops for alias in aliases)

    def sites(self, name: str) -> tuple[tuple[ast.Call, Step], ...]:
        """Return the calls of a function, by its last name, and where they stand."""
        if name not in self._sites:
            self._sites[name] = tuple(
                (node, step)
                for step in self.steps_with(name)
                for node in self.nodes(step)
                if isinstance(node, ast.Call) and last_name(node.func) == name
            )
        return self._sites[name]

    def steps_with(self, word: str) -> list[Step]:
        """Return the statements in which an identifier stands."""
        if self._words_of != len(self.modules):
            self._words_of, self._words = len(self.modules), {}
            for step in self.steps():
                for each in step.words:
                    self._words.setdefault(each, []).append(step)
        return self._words.get(word, [])

    # trees

    def nodes(self, step: Step) -> list[ast.AST]:
        """Return all nodes of a statement, outer ones first."""
        return walked(step)[0]

    def parent(self, node: ast.AST, step: Step) -> ast.AST:
        """Return the node around another; the statement itself at the top."""
        return walked(step)[1].get(node, step.node)


def _is_class(scope: Scope) -> bool:
    return isinstance(scope.node, ast.ClassDef)

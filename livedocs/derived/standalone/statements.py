"""What each statement of a page does to names: reads, binds, replaces or changes them."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from livedocs.derived.standalone.names import (
    chunks,
    files,
    flow,
    loads,
    root,
    statements_of,
    stored,
)
from livedocs.pages.chapter import Cell
from livedocs.pages.notes import without_marks

#: Methods that leave their object as it was.
PURE = frozenset(
    """
    all any argmax argmin argsort as_integer_ratio astype compute_output_shape compute_output_spec
    copy count count_params decode dot element_spec encode endswith evaluate exists export flatten
    format get get_build_config get_compile_config get_config get_layer get_weights getvalue index
    infolist is_dir is_file item items iterdir join keys lower lstrip max mean min most_common
    namelist nonzero numpy open predict predict_on_batch ptp ravel read_bytes read_text replace
    reshape result round rsplit rstrip save save_weights setLevel size split splitlines squeeze
    startswith stat std strip sum summary symbolic_call take title to_json tolist transpose upper
    values var
    """.split()  # noqa: SIM905
)
#: Methods that change what they are given: variables, an array, a file.
CHANGE_ARGUMENTS = frozenset(
    """
    apply apply_gradients dump export save save_weights savefig savez savez_compressed shuffle write
    write_bytes write_text
    """.split()  # noqa: SIM905
)
#: Functions of NumPy that change the first thing that they are given.
CHANGE_FIRST = frozenset("at copyto fill_diagonal place put put_along_axis putmask".split())  # noqa: SIM905
#: Others that write the files that they are told: `fit`, through its callbacks.
WRITERS = frozenset(["fit", "plot_model"])
#: Pure methods that nevertheless give its weights to a model that had none.
BUILD_FIRST = frozenset(["predict", "evaluate"])
#: Methods of a model that run the methods of its layers, which may note down what they saw.
RUN_LAYERS = frozenset(["fit", "predict", "evaluate"])
#: Functions that set something for the whole process.
SETTERS = re.compile(r"(?:config|mixed_precision)\.(?:set|enable|disable)_\w+$")
SEED = "set_random_seed"
#: What asks a traced function how many times it was traced.
_COUNTED = re.compile(r"(\w+)\.experimental_get_tracing_count\(")
#: What Python raises for a text it can't read.
SYNTAX_ERRORS = frozenset(["SyntaxError", "IndentationError", "TabError"])


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a page and what it does to names.

    Names that start with "§" stand for what has none: files and settings of the process.
    """

    cell: int
    source: str
    reads: frozenset[str]
    binds: frozenset[str]
    replaces: frozenset[str]  #: bound for sure: what they were before is not needed
    changes: frozenset[str]
    gap: str = "\n"  #: what stands between the statement above, of the same block, and this one
    is_import: bool = False
    defines: bool = False
    seeds: bool = False
    opaque: bool = False  #: no Python that can be read: instructions of IPython
    lost: bool = False  #: it raised: nothing below can use it


@dataclass
class _Effect:
    """What calling a function of the page changes."""

    parameters: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)  # parameters, through what was made with them
    names: set[str] = field(default_factory=set)  # of the page


class Reader:
    """Reads the statements of a page in order, since what one does depends on those before."""

    def __init__(self) -> None:
        self.modules: set[str] = set()  # what imports bound
        self.functions: dict[str, ast.FunctionDef] = {}
        self.reading: set[str] = set()  # functions whose effect is being worked out
        self.effects: dict[tuple, _Effect] = {}
        self.classes: set[str] = set()
        self.methods: dict[str, list[ast.FunctionDef]] = {}  # of the classes of the page
        self.constants: set[str] = set()  # symbolic inputs
        self.unbuilt: set[str] = set()  # layers and models that may have no weights yet
        self.values: set[str] = set()  # arrays and numbers: nobody changes them from afar
        self.holds: dict[str, set[str]] = {}
        self.files: set[str] = set()  # named so far
        self.rebound: set[str] = set()  # names that more than one statement binds
        self.noted: set[str] = set()  # what the methods of the classes of the page change of the page
        self.counted: set[str] = set()  # traced functions that are asked how many times

    def read(self, cells: tuple[Cell, ...]) -> list[Statement]:
        found: list[Statement] = []
        bound = Counter(
            name
            for cell in cells
            for node in statements_of(without_marks(cell.code)) or []
            for name in stored(node)
        )
        self.rebound = {name for name, times in bound.items() if times > 1}
        self.counted = {name for cell in cells for name in _COUNTED.findall(cell.code)}
        for number, cell in enumerate(cells):
            if statements_of(without_marks(cell.code)) is None:
                found.append(self._unreadable(number, cell))
                continue
            parts = chunks(without_marks(cell.code))
            for place, (gap, source, nodes) in enumerate(parts):
                statement = self._statement(number, gap, source, nodes)
                if cell.raises and place == len(parts) - 1:
                    # It raised: it is only of use where the error itself is shown.
                    statement = Statement(
                        number, source, statement.reads, *[frozenset()] * 3, gap=statement.gap,
                        lost=True,
                    )  # fmt: skip
                found.append(statement)
        return found

    @staticmethod
    def _unreadable(number: int, cell: Cell) -> Statement:
        """A block that is no Python, whole."""
        source = without_marks(cell.code).strip("\n")
        return Statement(number, source, *[frozenset()] * 4, opaque=True, lost=bool(cell.raises))

    def _statement(self, cell: int, gap: str, source: str, nodes: list[ast.stmt]) -> Statement:
        reads, binds, replaces = flow(nodes)
        changes: set[str] = set()
        for node in nodes:
            changes |= self._changes(node)
            # What a traced function reads is changed for it, though the name be bound again below.
            for name, known in self.functions.items():
                if self._traced(known) and loads(known) & changes:
                    changes.add(name)
            self._learn(node)
        named = files(nodes)
        self.files |= named
        if self._writes(nodes):
            changes |= named
        if not self._writes(nodes, sure=True):
            reads = reads.union(*map(self._same_file, named))
        return Statement(
            cell,
            source,
            frozenset(reads),
            frozenset(binds),
            frozenset(replaces),
            frozenset(changes),
            gap,
            is_import=all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes),
            defines=all(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in nodes),
            seeds=any(isinstance(node, ast.Expr) and SEED in ast.unparse(node) for node in nodes),
        )

    # Changes --------------------------------------------------------------------------

    def _changes(self, node: ast.stmt) -> set[str]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assert):
            return set()
        changed = set()
        aliases = self._aliases(node)
        for name in self._changed_in(node, set(aliases)):
            changed |= self._family(name, aliases)
        return changed - self.constants

    def _changed_in(self, node: ast.AST, local: set[str] = frozenset()) -> set[str]:
        """Roots of what a piece of code assigns to, deletes, or calls a changing method of."""
        changed: set[str] = set()
        for part in ast.walk(node):
            targets: list[ast.AST] = []
            if isinstance(part, ast.Assign | ast.Delete):
                targets = part.targets
            elif isinstance(part, ast.AugAssign | ast.AnnAssign | ast.For):
                targets = [part.target]
            for target in targets:
                for piece in ast.walk(target):
                    stores = isinstance(getattr(piece, "ctx", None), ast.Store | ast.Del)
                    if stores and isinstance(piece, ast.Attribute | ast.Subscript):
                        changed |= root(piece)
            if isinstance(part, ast.Call):
                changed |= self._changed_by_call(part, local)
        return {"self" if name == "super" else name for name in changed} - (self.modules - local)

    def _changed_by_call(self, call: ast.Call, local: set[str]) -> set[str]:
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.func, ast.Attribute):
            name, changed = call.func.attr, set()
            roots = root(call.func)
            modules = self.modules - local
            if name in self.methods and not roots & modules:
                given = [call.func.value, *call.args]
                return set().union(*(self._by(m, given, call.keywords) for m in self.methods[name]))
            if name in CHANGE_ARGUMENTS:
                changed |= {n for argument in arguments for n in loads(argument)}
            if name in CHANGE_FIRST and roots & modules and call.args:
                changed |= root(call.args[0])
            if roots & modules:
                dotted = ast.unparse(call.func)
                return changed | ({"§settings"} if SETTERS.search(dotted) else set())
            if name in WRITERS:
                kept = set().union(*(self._held_by(n) for a in arguments for n in loads(a)))
                changed |= {other for other in kept if other.startswith("§file ")}
            if name in RUN_LAYERS:
                changed |= self.noted
            if name in BUILD_FIRST and roots & self.unbuilt:
                self.unbuilt -= roots
                return changed | roots
            return changed | (roots if name not in PURE else set())
        if not isinstance(call.func, ast.Name):
            return set()
        name = call.func.id
        if name in self.functions and name not in local:
            return self._by(self.functions[name], call.args, call.keywords)
        if name in ("setattr", "delattr", "next"):
            return root(call.args[0]) if call.args else set()
        if name in self.classes or name in self.modules or hasattr(builtins, name):
            return set()
        # An instance: a layer gets its weights the first time it is called.
        trains = any(keyword.arg == "training" for keyword in call.keywords)
        changes = name in local or name in self.unbuilt or name in self.counted or trains
        self.unbuilt.discard(name)
        return {name} if changes else set()

    def _by(
        self, function: ast.FunctionDef, given: list[ast.expr], keywords: list[ast.keyword]
    ) -> set[str]:
        """What a call of a function of the page changes."""
        effect = self._effect(function)
        named = dict(zip(_parameters(function), given, strict=False))
        named |= {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
        changed = set().union(*(loads(named[p]) for p in effect.parameters & set(named)))
        changed |= set().union(*(loads(named[p]) - self.values for p in effect.held & set(named)))
        # What changes in `train(build())` is what `build` gives, and not `build`.
        makers = {name for name, known in self.functions.items() if not known.decorator_list}
        return effect.names | self._traced(function) | (changed - makers - self.classes)

    def _traced(self, function: ast.FunctionDef) -> set[str]:
        """A decorated function, if a call of it leaves something behind.

        It may keep what was there at its first call, if what it reads is bound again; and its traces
        may be counted.
        """
        if not function.decorator_list:
            return set()
        leaves = function.name in self.counted or loads(function) & self.rebound
        return {function.name} if leaves else set()

    def _effect(self, function: ast.FunctionDef) -> _Effect:
        known = (function, len(self.functions), sum(map(len, self.methods.values())))
        if known in self.effects:
            return self.effects[known]
        if function.name in self.reading:  # it calls itself
            return _Effect()
        self.reading.add(function.name)
        body = ast.Module(body=function.body, type_ignores=[])
        parameters = set(_parameters(function))
        local = {
            n.id for n in ast.walk(body) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        local |= parameters | {n.arg for n in ast.walk(body) if isinstance(n, ast.arg)}
        local |= {n.name for n in ast.walk(body) if isinstance(n, ast.FunctionDef)}
        aliases = self._aliases(body)
        direct = self._changed_in(body, local)
        changed, waiting = set(), set(direct)
        while waiting:
            name = waiting.pop()
            if name not in changed:
                changed.add(name)
                waiting |= aliases.get(name, set())
        self.reading.discard(function.name)
        written = files([body]) if self._writes([body]) else set()
        effect = _Effect(
            parameters & direct, parameters & (changed - direct), (changed - local) | written
        )
        return self.effects.setdefault(known, effect)

    def _writes(self, nodes: list[ast.stmt], sure: bool = False) -> bool:
        """Whether a statement that names a file may write it; `sure`, if it does without reading it.

        A function of the page that is given the name of a file may do either.
        """
        for part in (part for node in nodes for part in ast.walk(node)):
            if isinstance(part, ast.Call):
                name = _called(part)
                if name in CHANGE_ARGUMENTS or name in WRITERS or (name in self.functions and not sure):
                    return True
                if any(keyword.arg == "output_stream" for keyword in part.keywords):
                    return True
                modes = [a.value for a in part.args[1:] if isinstance(a, ast.Constant)]
                if name in ("open", "ZipFile", "File") and any(str(mode)[:1] in "wax" for mode in modes):
                    return True
        return False

    # Who holds whom -------------------------------------------------------------------

    def _learn(self, node: ast.stmt) -> None:
        """Remember what a statement leaves bound."""
        for part in ast.walk(node):
            if isinstance(part, ast.Import | ast.ImportFrom):
                self.modules |= {(a.asname or a.name).split(".")[0] for a in part.names}
        if isinstance(node, ast.FunctionDef):
            self._forget(node.name)
            self.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            self._forget(node.name)
            self.classes.add(node.name)
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and not part.name.startswith("__"):
                    self.methods.setdefault(part.name, []).append(part)
                    self.noted |= self._effect(part).names
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for name in stored(target):
                    held, value = self._held(node.value), self._is_value(node.value)
                    self._forget(name)
                    if value:
                        self.values.add(name)
                    # A callback writes the file that it was made with; a path leads to one.
                    self.holds[name] = (held - {name}) | files(_constructed(node.value))
                    made = re.match(r"(?:\w+\.)*(\w+)\(", ast.unparse(node.value))
                    if made and made[1] == "Input":
                        self.constants.add(name)
                    if made and made[1][0].isupper() and made[1] not in ("Input", "Model"):
                        self.unbuilt.add(name)
        else:
            for name, held in self._aliases(node).items():
                self.holds.setdefault(name, set()).update(held - {name})

    def _forget(self, name: str) -> None:
        self.functions.pop(name, None)
        self.holds.pop(name, None)
        for known in (self.modules, self.classes, self.constants, self.unbuilt, self.values):
            known.discard(name)

    def _aliases(self, node: ast.AST) -> dict[str, set[str]]:
        """What loops, `with` and inner assignments make names stand for."""
        found: dict[str, set[str]] = {}
        for part in ast.walk(node):
            pairs: list[tuple[ast.AST, set[str]]] = []
            if isinstance(part, ast.For | ast.comprehension):
                pairs = [(part.target, loads(part.iter))]
            elif isinstance(part, ast.withitem) and part.optional_vars:
                pairs = [(part.optional_vars, self._held(part.context_expr))]
            elif isinstance(part, ast.Assign):
                pairs = [(target, self._held(part.value)) for target in part.targets]
            for target, held in pairs:
                for name in stored(target):
                    found.setdefault(name, set()).update(held - self.modules)
        return found

    def _held(self, value: ast.AST) -> set[str]:
        """Names of the objects that a value keeps hold of."""
        if isinstance(value, ast.Call):
            named = _called(value)
            parts = [*value.args, *(keyword.value for keyword in value.keywords)]
            inner = set().union(*map(self._held, parts))
            if isinstance(value.func, ast.Attribute) and named in ("get_layer", "with_suffix"):
                return self._held(value.func.value)
            if _constructs(value):
                return inner
            if isinstance(value.func, ast.Attribute):
                return set()
            if named in self.functions or hasattr(builtins, named) or named in self.modules:
                return set()
            return inner | self._held(value.func)  # a layer or model, called
        if isinstance(value, ast.Name):
            return {value.id} - self.modules
        if isinstance(value, ast.Attribute | ast.Subscript):
            return root(value) - self.modules
        return set().union(*map(self._held, ast.iter_child_nodes(value)))

    def _is_value(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            parts = [*node.keys, *node.values] if isinstance(node, ast.Dict) else node.elts
            return all(part is None or self._is_value(part) for part in parts)
        if isinstance(node, ast.Name | ast.Subscript):
            return root(node) <= self.values
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            return name in PURE - {"get_layer", "open"} or name == "load_data" or root(node) == {"np"}
        return isinstance(node, ast.Constant | ast.BinOp | ast.UnaryOp | ast.Compare | ast.JoinedStr)

    def _held_by(self, name: str, aliases: dict[str, set[str]] | None = None) -> set[str]:
        """`name` and all that it holds."""
        seen, waiting = set(), [name]
        while waiting:
            if (last := waiting.pop()) not in seen:
                seen.add(last)
                waiting += {*self.holds.get(last, ()), *(aliases or {}).get(last, ())}
        return seen

    def _same_file(self, name: str) -> set[str]:
        """Files named so far that are the one of that name, or may be."""
        return {other for other in self.files if fnmatchcase(other, name) or fnmatchcase(name, other)}

    def _family(self, name: str, aliases: dict[str, set[str]]) -> set[str]:
        """`name`, all that it holds, and all that hold any of it: two models may share a layer."""

        family = self._held_by(name, aliases)
        shared = family - self.values - self.constants
        holders = {other for other in self.holds if shared & self._held_by(other, aliases)}
        return {name} | (family | holders) - self.values


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _called(call: ast.Call) -> str:
    """The name of what is called, without what it is of; "" if it has none."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _constructs(call: ast.Call) -> bool:
    return _called(call).lstrip("_")[:1].isupper()


def _constructed(value: ast.AST) -> list[ast.Call]:
    """The calls of constructors in an expression."""
    return [part for part in ast.walk(value) if isinstance(part, ast.Call) and _constructs(part)]

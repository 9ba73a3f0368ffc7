"""A block with what it needs of the blocks above it: a script that runs from an empty file.

A backward slice of the page's top-level statements. From the block's own statements
upwards, a statement stays if it binds a name that is still needed, changes an object that
a needed name holds (`model.fit`, `layer.trainable = False`) or writes a file that is read
below. What it reads is then needed too. What can't be told from the text alone is kept: a
script may hold a statement too many, never one too few. The tests run every script.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import symtable
from collections.abc import Iterable
from dataclasses import dataclass, field

from livedocs.execution.executor import Execution
from livedocs.pages.chapter import Cell, Chapter
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
#: Pure methods that nevertheless give its weights to a model that had none.
BUILD_FIRST = frozenset(["predict", "evaluate"])
#: Functions that set something for the whole process.
SETTERS = re.compile(r"(?:config|mixed_precision)\.(?:set|enable|disable)_\w+$")
SEED = "set_random_seed"
#: What Python raises for a text it can't read.
SYNTAX_ERRORS = frozenset(["SyntaxError", "IndentationError", "TabError"])
_FILE = re.compile(
    r"[\w./-]*\w\.(?:keras|h5|json|npz|npy|png|svg|zip|csv|txt|py|pkl|log|yml|yaml)|[\w-]+/"
)


@dataclass(frozen=True)
class _Statement:
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


@dataclass(frozen=True)
class Scripts:
    """The scripts of a page, which share most of their text.

    Attributes:
        pieces: Pieces of text, each once.
        blocks: For each executed block of the page, in order, the numbers of its pieces.
    """

    pieces: tuple[str, ...]
    blocks: tuple[tuple[int, ...], ...]

    def text(self, number: int) -> str:
        """The script of the executed block `number`, counted from 0."""
        return "".join(self.pieces[piece] for piece in self.blocks[number])

    def as_javascript(self) -> str:
        """What a page loads: a script, and not data, so that it also loads from a file system."""
        data = json.dumps(
            {"pieces": self.pieces, "blocks": self.blocks}, ensure_ascii=False, separators=(",", ":")
        )
        return f"kvScripts={data}\n"


def scripts(chapter: Chapter, execution: Execution, seed: int) -> Scripts:
    """The script of each executed block of a page.

    Args:
        chapter: The page.
        execution: Its results: they say which expressions showed a value, and which blocks drew.
        seed: Seed with which the page was executed.
    """
    statements = _Reader().read(chapter.executed_cells)
    pieces: dict[str, int] = {}
    blocks = []
    for number, cell in enumerate(chapter.executed_cells):
        outputs = execution.results[number].outputs
        parts = _parts(chapter, execution, statements, number, _final(cell, outputs), seed)
        blocks.append(tuple(pieces.setdefault(part, len(pieces)) for part in parts if part))
    return Scripts(tuple(pieces), tuple(blocks))


def _parts(chapter, execution, statements, number, final, seed) -> list[str]:
    """The pieces of one script: a heading, imports, what is needed from above, and the block."""
    kept = _slice(statements, number)
    imports = list(dict.fromkeys(s.source for s in kept if s.is_import))
    rest = [s for s in kept if not s.is_import]
    cell = chapter.executed_cells[number]
    opaque = any(s.opaque and (s in kept or s.cell == number) for s in statements)
    opaque = opaque and cell.raises not in SYNTAX_ERRORS
    parts = [_heading(chapter, execution, cell, opaque)]
    for source in imports:
        parts += [source, "\n"]
    if any("keras" in source for source in imports):
        if not any(s.is_import and "keras" in s.binds for s in kept):
            parts.insert(1, "import keras\n")
        if not (rest and rest[0].seeds):
            parts.append(f"\nkeras.utils.{SEED}({seed})\n")
    before = None
    for statement in rest:
        gap = "\n\n\n" if statement.defines or (before and before.defines) else "\n\n"
        if before and before.cell == statement.cell and not (statement.defines or before.defines):
            gap = statement.gap
        parts += [gap if before else "\n", statement.source]
        before = statement
    if before:
        parts.append("\n\n\n" if before.defines else "\n\n")
    else:
        parts.append("\n")
    return [*parts, final]


def _heading(chapter: Chapter, execution: Execution, cell: Cell, opaque: bool) -> str:
    origin = execution.provenance
    title = chapter.meta.get("title", chapter.name)
    lines = [
        f"# Keras en vivo: {title}",
        f"# Verificado con Keras {origin['keras']}, {origin['backend']} y Python {origin['python']}.",
    ]
    if opaque:
        lines.append("# Usa instrucciones de IPython («%», «!», «?»): pegalo en un notebook.")
    if "plot_model(" in cell.code:
        lines.append("# plot_model pide pydot y Graphviz.")
    if cell.raises:
        lines.append(f"# Termina con {cell.raises}, como en la página.")
    return "\n".join(lines) + "\n"


def _final(cell: Cell, outputs: list[dict]) -> str:
    """The block's own text; what a notebook shows by itself, a script has to print or show."""
    code = without_marks(cell.code).strip("\n")
    kinds = {output["output_type"] for output in outputs}
    body = _body(code) or []
    if "execute_result" in kinds and body and isinstance(body[-1], ast.Expr):
        lines = code.split("\n")
        start, last = body[-1].lineno - 1, body[-1]
        shown = ast.get_source_segment(code, last)
        code = "\n".join([*lines[:start], f"print({shown})", *lines[last.end_lineno :]])
    figures = any(
        "image/svg+xml" in o.get("data", {}) or "image/png" in o.get("data", {}) for o in outputs
    )
    if figures and "plt." in code and "plt.show(" not in code:
        code += "\nplt.show()"
    return code + "\n"


def _slice(statements: list[_Statement], number: int) -> list[_Statement]:
    """The statements of earlier blocks that block `number` needs, in order.

    Where a block can't be read, those below it, and itself, may need anything above.
    """
    if any(s.opaque and (s.cell == number or (s.cell < number and not s.lost)) for s in statements):
        return [s for s in statements if s.cell < number and not s.lost]
    definitions: dict[str, list[int]] = {}
    for place, statement in enumerate(statements):
        if statement.defines:
            for name in statement.binds:
                definitions.setdefault(name, []).append(place)

    needed: set[str] = {"§settings"}

    def need(names: Iterable[str], place: int) -> None:
        """Also what functions and classes will look up when they are used at `place`."""
        for name in names:
            if name in needed:
                continue
            needed.add(name)
            before = [at for at in definitions.get(name, ()) if at < place]
            if before:
                need(statements[before[-1]].reads, place)

    kept: list[int] = []
    for place in range(len(statements) - 1, -1, -1):
        statement = statements[place]
        if statement.cell > number:
            continue
        own = statement.cell == number
        wanted = needed & (statement.binds | statement.changes)
        # A seed counts for what is kept below it, in its block.
        seeds = statement.seeds and kept and statements[kept[-1]].cell == statement.cell
        if not (own or wanted or seeds):
            continue
        if not own:
            kept.append(place)
        needed.difference_update(statement.replaces)
        need(statement.reads, place)
    return [statements[place] for place in reversed(kept)]


# What a statement does --------------------------------------------------------------------


@dataclass
class _Effect:
    """What calling a function of the page changes."""

    parameters: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)  # parameters, through what was made with them
    names: set[str] = field(default_factory=set)  # of the page


class _Reader:
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

    def read(self, cells: tuple[Cell, ...]) -> list[_Statement]:
        found: list[_Statement] = []
        for number, cell in enumerate(cells):
            if _body(without_marks(cell.code)) is None:
                found.append(self._unreadable(number, cell))
                continue
            chunks = _chunks(without_marks(cell.code))
            for place, (gap, source, nodes) in enumerate(chunks):
                statement = self._statement(number, gap, source, nodes)
                if cell.raises and place == len(chunks) - 1:
                    # It raised: it is only of use where the error itself is shown.
                    statement = _Statement(
                        number, source, statement.reads, *[frozenset()] * 3, gap=statement.gap,
                        lost=True,
                    )  # fmt: skip
                found.append(statement)
        return found

    @staticmethod
    def _unreadable(number: int, cell: Cell) -> _Statement:
        """A block that is no Python, whole."""
        source = without_marks(cell.code).strip("\n")
        return _Statement(number, source, *[frozenset()] * 4, opaque=True, lost=bool(cell.raises))

    def _statement(self, cell: int, gap: str, source: str, nodes: list[ast.stmt]) -> _Statement:
        reads, binds, replaces = _flow(nodes)
        changes: set[str] = set()
        for node in nodes:
            changes |= self._changes(node)
            self._learn(node)
        (changes if self._writes(nodes) else reads).update(_files(nodes))
        return _Statement(
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
                        changed |= _root(piece)
            if isinstance(part, ast.Call):
                changed |= self._changed_by_call(part, local)
        return {"self" if name == "super" else name for name in changed} - (self.modules - local)

    def _changed_by_call(self, call: ast.Call, local: set[str]) -> set[str]:
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.func, ast.Attribute):
            name, changed = call.func.attr, set()
            root = _root(call.func)
            modules = self.modules - local
            if name in self.methods and not root & modules:
                given = [call.func.value, *call.args]
                return set().union(*(self._by(m, given, call.keywords) for m in self.methods[name]))
            if name in CHANGE_ARGUMENTS:
                changed |= {n for argument in arguments for n in _loads(argument)}
            if root & modules:
                dotted = ast.unparse(call.func)
                return changed | ({"§settings"} if SETTERS.search(dotted) else set())
            if name in BUILD_FIRST and root & self.unbuilt:
                self.unbuilt -= root
                return changed | root
            return changed | (root if name not in PURE else set())
        if not isinstance(call.func, ast.Name):
            return set()
        name = call.func.id
        if name in self.functions and name not in local:
            return self._by(self.functions[name], call.args, call.keywords)
        if name in ("setattr", "delattr", "next"):
            return _root(call.args[0]) if call.args else set()
        if name in self.classes or name in self.modules or hasattr(builtins, name):
            return set()
        # An instance: a layer gets its weights the first time it is called.
        trains = any(keyword.arg == "training" for keyword in call.keywords)
        changes = name in local or name in self.unbuilt or trains
        self.unbuilt.discard(name)
        return {name} if changes else set()

    def _by(
        self, function: ast.FunctionDef, given: list[ast.expr], keywords: list[ast.keyword]
    ) -> set[str]:
        """What a call of a function of the page changes."""
        effect = self._effect(function)
        named = dict(zip(_parameters(function), given, strict=False))
        named |= {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
        changed = effect.names.union(*(_loads(named[p]) for p in effect.parameters & set(named)))
        return changed.union(*(_loads(named[p]) - self.values for p in effect.held & set(named)))

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
        effect = _Effect(parameters & direct, parameters & (changed - direct), changed - local)
        return self.effects.setdefault(known, effect)

    def _writes(self, nodes: list[ast.stmt]) -> bool:
        """Whether a statement that names a file may write it."""
        for part in (part for node in nodes for part in ast.walk(node)):
            if isinstance(part, ast.Call):
                name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
                name = name or (part.func.id if isinstance(part.func, ast.Name) else "")
                if name in CHANGE_ARGUMENTS or name in self.functions or name == "plot_model":
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
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for name in _stored(target):
                    held, value = self._held(node.value), self._is_value(node.value)
                    self._forget(name)
                    if value:
                        self.values.add(name)
                    self.holds[name] = held - {name}
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
                pairs = [(part.target, _loads(part.iter))]
            elif isinstance(part, ast.withitem) and part.optional_vars:
                pairs = [(part.optional_vars, self._held(part.context_expr))]
            elif isinstance(part, ast.Assign):
                pairs = [(target, self._held(part.value)) for target in part.targets]
            for target, held in pairs:
                for name in _stored(target):
                    found.setdefault(name, set()).update(held - self.modules)
        return found

    def _held(self, value: ast.AST) -> set[str]:
        """Names of the objects that a value keeps hold of."""
        if isinstance(value, ast.Call):
            named = value.func.attr if isinstance(value.func, ast.Attribute) else ""
            named = value.func.id if isinstance(value.func, ast.Name) else named
            parts = [*value.args, *(keyword.value for keyword in value.keywords)]
            inner = set().union(*map(self._held, parts))
            if isinstance(value.func, ast.Attribute) and named in ("get_layer", "with_suffix"):
                return self._held(value.func.value)
            if named.lstrip("_")[:1].isupper():  # a constructor
                return inner
            if isinstance(value.func, ast.Attribute):
                return set()
            if named in self.functions or hasattr(builtins, named) or named in self.modules:
                return set()
            return inner | self._held(value.func)  # a layer or model, called
        if isinstance(value, ast.Name):
            return {value.id} - self.modules
        if isinstance(value, ast.Attribute | ast.Subscript):
            return _root(value) - self.modules
        return set().union(*map(self._held, ast.iter_child_nodes(value)))

    def _is_value(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            parts = [*node.keys, *node.values] if isinstance(node, ast.Dict) else node.elts
            return all(part is None or self._is_value(part) for part in parts)
        if isinstance(node, ast.Name | ast.Subscript):
            return _root(node) <= self.values
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            return name in PURE - {"get_layer", "open"} or name == "load_data" or _root(node) == {"np"}
        return isinstance(node, ast.Constant | ast.BinOp | ast.UnaryOp | ast.Compare | ast.JoinedStr)

    def _family(self, name: str, aliases: dict[str, set[str]]) -> set[str]:
        """`name`, all that it holds, and all that hold any of it: two models may share a layer."""

        def held(start: str, seen: set[str]) -> set[str]:
            for other in {*self.holds.get(start, ()), *aliases.get(start, ())} - seen:
                seen.add(other)
                held(other, seen)
            return seen

        family = held(name, {name})
        shared = family - self.values - self.constants
        holders = {other for other in self.holds if shared & held(other, {other})}
        return {name} | (family | holders) - self.values


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


# Names ------------------------------------------------------------------------------------


def _body(code: str) -> list[ast.stmt] | None:
    """The statements of a block; None if it is no Python."""
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError):
        return None


def _chunks(code: str) -> list[tuple[str, str, list[ast.stmt]]]:
    """Top-level statements with the comments above them: gap, source, nodes."""
    lines = code.split("\n")
    chunks: list[tuple[str, str, list[ast.stmt]]] = []
    done = 0  # lines before this one belong to what came before
    for node in ast.parse(code).body:
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        if chunks and start < done:  # two statements on one line
            gap, source, nodes = chunks[-1]
            more = lines[done : node.end_lineno]
            chunks[-1] = (gap, "\n".join([source, *more]), [*nodes, node])
        else:
            comments = start
            while comments > done and lines[comments - 1].lstrip().startswith("#"):
                comments -= 1
            empty = sum(not line.strip() for line in lines[done:comments])
            chunks.append(("\n" * (1 + empty), "\n".join(lines[comments : node.end_lineno]), [node]))
        done = node.end_lineno
    return chunks


def _flow(nodes: list[ast.stmt]) -> tuple[set[str], set[str], set[str]]:
    """Names that statements read from outside, may bind, and bind for sure."""
    reads: set[str] = set()
    binds: set[str] = set()
    sure: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.For | ast.AsyncFor):
            targets = _stored(node.target)
            inner_reads, inner_binds, _ = _flow([*node.body, *node.orelse])
            found = (_loads(node.iter) | (inner_reads - targets), targets | inner_binds, set())
        elif isinstance(node, ast.While | ast.If):
            body, other = _flow(node.body), _flow(node.orelse)
            found = (_loads(node.test) | body[0] | other[0], body[1] | other[1], body[2] & other[2])
        elif isinstance(node, ast.With):
            targets = {
                n for item in node.items if item.optional_vars for n in _stored(item.optional_vars)
            }
            opened = {n for item in node.items for n in _loads(item.context_expr)}
            body = _flow(node.body)
            found = (opened | (body[0] - targets), targets | body[1], targets | body[2])
        elif isinstance(node, ast.Try):
            body = _flow([*node.body, *node.orelse, *node.finalbody])
            handlers = [_flow(handler.body) for handler in node.handlers]
            caught = {handler.name for handler in node.handlers if handler.name}
            types = {n for h in node.handlers if h.type for n in _loads(h.type)}
            found = (
                body[0] | types | set().union(*(h[0] - caught for h in handlers)),
                body[1] | set().union(*(h[1] for h in handlers)),
                set(),
            )
        else:
            bound = _stored(node)
            deleted = {
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)
            }
            again = {node.target.id} if _augments(node) else set()
            found = (_loads(node) | again | deleted, bound | deleted, bound)
        reads |= found[0] - sure
        binds |= found[1]
        sure |= found[2]
    return reads, binds, sure


def _augments(node: ast.stmt) -> bool:
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def _stored(node: ast.AST) -> set[str]:
    """Names that a simple statement or a target binds in the page's own scope."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    found, waiting = set(), [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Lambda | ast.comprehension):
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        waiting += ast.iter_child_nodes(part)
    return found


def _loads(node: ast.AST) -> set[str]:
    """Names of the page's scope that a piece of code looks up, in its functions too."""
    node = node.value if isinstance(node, ast.Starred) else node
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Constant):
        return set()
    found: set[str] = set()
    tables = [symtable.symtable(ast.unparse(node), "<page>", "exec")]
    top = tables[0]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                found.add(symbol.get_name())
    return found


def _root(node: ast.AST) -> set[str]:
    """The name at the start of `a.b[c].d(e)`, if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        if isinstance(node, ast.Call):
            through = ast.unparse(node.func) in ("getattr", "list", "next", "iter", "reversed")
            node = node.args[0] if through and node.args else node.func
        else:
            node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _files(nodes: list[ast.stmt]) -> set[str]:
    """Files that a statement names."""
    return {
        f"§file {part.value}"
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and _FILE.fullmatch(part.value)
    }

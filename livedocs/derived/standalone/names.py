"""What the text of some statements says of names: which it reads, stores, changes or may write."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterable

from livedocs.pages import syntax

_FILE = re.compile(
    r"[\w./-]*\w\.(?:keras|h5|json|npz|npy|png|svg|zip|csv|txt|py|pkl|log|yml|yaml)|[\w-]+/"
)


def statements_of(code: str) -> list[ast.stmt] | None:
    """The statements of a block; None if it is no Python."""
    try:
        return syntax.parse(code).body
    except (SyntaxError, ValueError):
        return None


def chunks(code: str) -> list[tuple[str, str, list[ast.stmt]]]:
    """Top-level statements with the comments above them: gap, source, nodes."""
    lines = code.split("\n")
    chunks: list[tuple[str, str, list[ast.stmt]]] = []
    done = 0  # lines before this one belong to what came before
    for node in syntax.parse(code).body:
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


def flow(nodes: list[ast.stmt]) -> tuple[set[str], set[str], set[str]]:
    """Names that statements read from outside, may bind, and bind for sure."""
    reads: set[str] = set()
    binds: set[str] = set()
    sure: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.For | ast.AsyncFor):
            targets = stored(node.target)
            inner_reads, inner_binds, _ = flow([*node.body, *node.orelse])
            found = (loads(node.iter) | (inner_reads - targets), targets | inner_binds, set())
        elif isinstance(node, ast.While | ast.If):
            body, other = flow(node.body), flow(node.orelse)
            found = (loads(node.test) | body[0] | other[0], body[1] | other[1], body[2] & other[2])
        elif isinstance(node, ast.With):
            targets = {
                n for item in node.items if item.optional_vars for n in stored(item.optional_vars)
            }
            opened = {n for item in node.items for n in loads(item.context_expr)}
            body = flow(node.body)
            found = (opened | (body[0] - targets), targets | body[1], targets | body[2])
        elif isinstance(node, ast.Try):
            body = flow([*node.body, *node.orelse, *node.finalbody])
            handlers = [flow(handler.body) for handler in node.handlers]
            caught = {handler.name for handler in node.handlers if handler.name}
            types = {n for h in node.handlers if h.type for n in loads(h.type)}
            found = (
                body[0] | types | set().union(*(h[0] - caught for h in handlers)),
                body[1] | set().union(*(h[1] for h in handlers)),
                set(),
            )
        else:
            bound = stored(node)
            deleted = {
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)
            }
            again = {node.target.id} if augments(node) else set()
            found = (loads(node) | again | deleted, bound | deleted, bound)
        reads |= found[0] - sure
        binds |= found[1]
        sure |= found[2]
    return reads, binds, sure


def augments(node: ast.stmt) -> bool:
    return isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)


def stored(node: ast.AST) -> set[str]:
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


def loads(node: ast.AST) -> set[str]:
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


def root(node: ast.AST) -> set[str]:
    """The name at the start of `a.b[c].d(e)`, if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        if isinstance(node, ast.Call):
            through = ast.unparse(node.func) in ("getattr", "list", "next", "iter", "reversed")
            node = node.args[0] if through and node.args else node.func
        else:
            node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def files(nodes: Iterable[ast.AST]) -> set[str]:
    """Files that a piece of code names; "*" stands for what an f-string fills in."""
    found = set()
    for part in (part for node in nodes for part in ast.walk(node)):
        name = ""
        if isinstance(part, ast.JoinedStr):
            pieces = [getattr(piece, "value", "*") for piece in part.values]
            name = "".join(piece if isinstance(piece, str) else "*" for piece in pieces).rstrip("/")
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            name = part.value.removeprefix("file://")
        elif isinstance(part, ast.Call) and getattr(part.func, "attr", "") in ("export", "load"):
            # The folder of an exported model, whose name has no extension.
            folders = (getattr(given, "value", None) for given in part.args[:1])
            found |= {f"§file {f}" for f in folders if isinstance(f, str) and f.isidentifier()}
        if _FILE.fullmatch(name.replace("*", "x")):
            found.add(f"§file {name}")
    return found

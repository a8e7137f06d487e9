"""All mutants of a module, but for those of which the interpreter sees nothing."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

from tests.mutation.operators import operators


@dataclass(frozen=True, order=True)
class Mutant:
    """A fault that can be made in a module.

    Attributes:
        path: the module, from the root of the source.
        line: where the fault is, counted from 1.
        column: likewise, counted from 0.
        operator: the name of what makes it.
        occurrence: which of the places of that operator in the module.
    """

    path: str
    line: int
    column: int
    operator: str
    occurrence: int

    def code(self, source: str) -> str | None:
        """The module with the fault; ``None`` if that is none, or no Python."""
        made = mutate_code(source, _OPERATORS[self.operator], self.occurrence)
        return made if made is not None and _differs(source, made) else None


_OPERATORS: dict[str, Operator] = {type(known).__name__: known for known in operators()}


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """All that there may be in a module, in the order of the operators."""
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in _OPERATORS.items():
        spans = (span for node in nodes for span in operator.mutation_positions(node))
        for occurrence, ((line, column), _) in enumerate(spans):
            yield Mutant(path, line, column, name, occurrence)


def difference(source: str, made: str) -> tuple[str, str]:
    """The lines that a mutant takes away, and those that it puts there, without indentation."""
    lines = list(difflib.ndiff(source.splitlines(), made.splitlines()))
    changed = {sign: [text[2:].strip() for text in lines if text[0] == sign] for sign in "-+"}
    taken, put = ("\n".join(filter(None, texts)) for texts in changed.values())
    return taken, put


def modules(root: Path, targets: tuple[str, ...]) -> list[str]:
    """The modules of folders and files, from the root of the source."""
    found = set[Path]()
    for target in targets:
        path = root / target
        found |= set(path.rglob("*.py")) if path.is_dir() else {path}
    return sorted(path.relative_to(root).as_posix() for path in found)


class _AsRun(ast.NodeTransformer):
    """Leaves out what is there for readers and type checkers only."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        # All modules have "from __future__ import annotations": nobody evaluates it.
        node.annotation = ast.Constant(...)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        tested = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        if isinstance(tested, ast.Name) and tested.id == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        # It tells type checkers what holds in any case.
        return ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "cast":
            return self.visit(node.args[1])  # type: ignore[no-any-return]
        return self.generic_visit(node)


def _differs(source: str, made: str) -> bool:
    try:
        return ast.dump(_AsRun().visit(ast.parse(made))) != ast.dump(
            _AsRun().visit(ast.parse(source))
        )
    except SyntaxError:
        return False

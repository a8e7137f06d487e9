"""What makes a mutant: the operators of Cosmic Ray that fit, and a few of its kind for tables.

Cosmic Ray has no operator that touches a string, an entry of a table or an argument, and these are
most of what this package is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import parso
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator
from parso.tree import NodeOrLeaf

Span = tuple[tuple[int, int], tuple[int, int]]

BOUNDARIES = ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")
OPPOSITES = ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt")
ARITHMETIC = (
    "Add_Sub",
    "Sub_Add",
    "Mul_FloorDiv",
    "Div_Mul",
    "FloorDiv_Mul",
    "Mod_Mul",
    "Pow_Mul",
    "LShift_RShift",
    "RShift_LShift",
    "BitAnd_BitOr",
    "BitOr_BitAnd",
    "BitXor_BitOr",
)
OTHERS = (
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
)
COSMIC_RAY = (
    *(f"ReplaceComparisonOperator_{name}" for name in (*BOUNDARIES, *OPPOSITES)),
    *(f"ReplaceBinaryOperator_{name}" for name in ARITHMETIC),
    *OTHERS,
)
"""Not the others: they make a comparison of another kind, which nobody writes by mistake."""


def _code(node: NodeOrLeaf) -> str:
    return str(node.get_code(include_prefix=False))


def _parsed(node: NodeOrLeaf, code: str) -> NodeOrLeaf:
    """Code to put in the place of a node."""
    return parso.parse((node.get_first_leaf().prefix or "") + code)


class OtherText(Operator):  # type: ignore[misc]  # Cosmic Ray has no types
    """A string reads differently."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        documents = node.parent is not None and node.parent.type == "simple_stmt"
        if (node.type == "string" and not documents) or node.type == "fstring_string":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        opening = 0
        if node.type == "string":
            quote = node.value.lstrip("rRbBuU")[:3]
            quote = quote if quote in ('"""', "'''") else quote[0]
            opening = node.value.index(quote) + len(quote)
        node.value = f"{node.value[:opening]}XX{node.value[opening:]}"
        return node

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("x = b'y'", "x = b'XXy'"), Example("f'{x} y'", "f'{x}XX y'"))


class NoEntry(Operator):  # type: ignore[misc]
    """An entry of a tuple, list, set or dictionary is not there."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type in ("dictorsetmaker", "testlist_comp"):
            entries = self._entries(node)
            if len(entries) > 1 or node.children[-1] == ",":
                for entry in entries:
                    yield entry[0].start_pos, entry[-1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        entries = self._entries(node)
        start = node.children.index(entries[index][0])
        del node.children[start : start + len(entries[index]) + 1]  # with the comma behind it
        if len(entries) == 2 and node.children[-1] != ",":
            node.children.append(parso.python.tree.Operator(",", node.end_pos))  # still a tuple
        return node

    @staticmethod
    def _entries(node: Any) -> list[list[Any]]:
        entries: list[list[Any]] = [[]]
        for child in node.children:
            if child.type in ("comp_for", "sync_comp_for"):
                return []
            if child == ",":
                entries.append([])
            else:
                entries[-1].append(child)
        return [entry for entry in entries if entry]

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (
            Example("x = (1, 2)", "x = ( 2,)"),
            Example("x = {1: 2, 3: 4}", "x = {1: 2,}", occurrence=1),
        )


class NoArgument(Operator):  # type: ignore[misc]
    """A keyword argument is not given."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "argument" and node.children[1] == "=":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        # **{} is an argument that gives none, wherever it stands.
        return _parsed(node, "**{}")

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("f(1, x=2)", "f(1, **{})"),)


class NoStatement(Operator):  # type: ignore[misc]
    """A call for its effect is not made, or an error not raised."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "simple_stmt" and self._acts(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.children[0] = _parsed(node.children[0], "pass")
        return node

    @staticmethod
    def _acts(statement: Any) -> bool:
        if statement.type in ("atom_expr", "power"):
            last = statement.children[-1]
            return bool(last.type == "trailer" and last.children[0] == "(")
        return bool(statement.type in ("raise_stmt", "del_stmt"))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("f(1)\n", "pass\n"), Example("raise x\n", "pass\n"))


class NothingReturned(Operator):  # type: ignore[misc]
    """A function returns ``None``."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "return_stmt" and _code(node.children[1]) != "None":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return _parsed(node, "return None")

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("def f():\n    return 1\n", "def f():\n    return None\n"),)


class OtherMembership(Operator):  # type: ignore[misc]
    """``in`` becomes ``not in``, and the other way round."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "comparison":
            for number in self._found(node):
                yield node.children[number].start_pos, node.children[number].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        number = list(self._found(node))[index]
        other = "in" if node.children[number].type == "comp_op" else "not in"
        node.children[number] = _parsed(node.children[number], other)
        return node

    @staticmethod
    def _found(node: Any) -> Iterator[int]:
        for number in range(1, len(node.children), 2):
            if _code(node.children[number]) in ("in", "not in"):
                yield number

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return (Example("x in y", "x not in y"), Example("x not in y", "x in y"))


class OtherException(Operator):  # type: ignore[misc]
    """An exception is not caught, or one of several. (Cosmic Ray's own knows no dotted names.)"""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.type == "except_clause":
            for caught in self._caught(node):
                yield caught.start_pos, caught.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        caught = self._caught(node)[index]
        siblings = caught.parent.children
        siblings[siblings.index(caught)] = _parsed(caught, "StopAsyncIteration")
        return node

    @staticmethod
    def _caught(node: Any) -> list[Any]:
        caught = node.children[1]
        if caught.type != "atom":
            return [caught]
        inner = caught.children[1]
        return list(inner.children[::2]) if inner.type == "testlist_comp" else [inner]

    @classmethod
    def examples(cls) -> Sequence[Example]:
        before = "try:\n    x\nexcept {}:\n    pass\n"
        return (
            Example(before.format("a.B as c"), before.format("StopAsyncIteration as c")),
            Example(
                before.format("(A, b.C)"), before.format("(A, StopAsyncIteration)"), occurrence=1
            ),
            Example(before.format("(A)"), before.format("(StopAsyncIteration)")),
        )


OWN = (
    OtherText,
    NoEntry,
    NoArgument,
    NoStatement,
    NothingReturned,
    OtherMembership,
    OtherException,
)


def operators() -> list[Operator]:
    """All of them, in an order that does not change."""
    return [get_operator(f"core/{name}")() for name in COSMIC_RAY] + [own() for own in OWN]

"""
Functions of an exported Go test that bring a value into one form, in which unordered lists are sorted.

The SDK does it before it sends a value, so that the oracle takes all orders for equal. A test compares texts,
so it sorts the items by theirs. Each function works on a copy, since the library may still use the value.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from driftcheck.codegen import go_names
from driftcheck.codegen.go_values import go_type
from driftcheck.core import types as t


def has_unordered(type_: t.Type) -> bool:
    """Say whether an unordered list is in a type. What a payload holds is compared as bytes."""
    bare = t.bare(type_)
    if isinstance(bare, t.Payload):
        return False
    return (isinstance(bare, t.Sequence) and bare.unordered) or any(map(has_unordered, t.children(bare)))


@attrs.define(eq=False)
class GoOneForm:
    """Writes the functions of one test; remembers which it needs."""

    types: list[t.Type] = attrs.field(factory=list)
    answers: set[int] = attrs.field(factory=set)  # the numbers of the types that steps return
    imports: set[str] = attrs.field(factory=set)

    def value(self, type_: t.Type, expression: str) -> str:
        """Return the expression of a value in one form."""
        return f"inOneForm{self._number(type_)}({expression})" if has_unordered(type_) else expression

    def answer(self, type_: t.Type, call: str) -> str:
        """Return the expression that says what a step ended with.

        Args:
            type_: of the result that the call returns beside an error.
        """
        if not has_unordered(type_):
            return f"answerOf({call})"
        number = self._number(type_)
        self.answers.add(number)
        return f"answerInOneForm{number}({call})"

    def functions(self) -> Iterator[str]:
        """Yield the functions that are needed."""
        for number, type_ in enumerate(self.types, 1):
            go = go_type(type_)
            yield "\n".join(
                [
                    f"// inOneForm{number} returns a copy whose unordered lists are sorted.",
                    f"func inOneForm{number}(value {go}) {go} {{",
                    *self._statements("value", type_, 1),
                    "return value",
                    "}",
                ]
            )
            if number in self.answers:
                yield (
                    f"func answerInOneForm{number}(value {go}, err error) string {{\n"
                    f"return answerOf(inOneForm{number}(value), err)\n}}"
                )

    def _number(self, type_: t.Type) -> int:
        bare = t.bare(type_)
        if bare not in self.types:
            self.types.append(bare)
        return self.types.index(bare) + 1

    def _statements(self, place: str, type_: t.Type, depth: int) -> Iterator[str]:
        """Yield what brings the value in a variable, a field or an item into one form."""
        bare = t.bare(type_)
        if not has_unordered(bare):
            return
        key, item = f"k{depth}", f"v{depth}"
        match bare:
            case t.Sequence(inner=inner, unordered=unordered):
                self.imports.add("slices")
                yield f"{place} = slices.Clone({place})"
                if has_unordered(inner):
                    yield f"for {key} := range {place} {{"
                    yield from self._statements(f"{place}[{key}]", inner, depth + 1)
                    yield "}"
                if unordered:
                    self.imports.add("strings")
                    go = go_type(inner)
                    yield f"slices.SortFunc({place}, func(a, b {go}) int {{"
                    yield "return strings.Compare(shown(a), shown(b))"
                    yield "})"
            case t.Mapping(value=inner):
                self.imports.add("maps")
                yield f"{place} = maps.Clone({place})"
                yield f"for {key}, {item} := range {place} {{"
                yield from self._statements(item, inner, depth + 1)
                yield f"{place}[{key}] = {item}"
                yield "}"
            case t.Record(fields=fields):
                for field in fields:
                    yield from self._statements(f"{place}.{go_names.exported(field.name)}", field.type, depth)
            case t.Optional(inner=inner) if isinstance(t.bare(inner), t.Union):
                yield from self._statements(place, inner, depth)  # a sealed interface can be nil itself
            case t.Optional(inner=inner):
                yield f"if {place} != nil {{"
                yield f"{item} := *{place}"
                yield from self._statements(item, inner, depth + 1)
                yield f"{place} = &{item}"
                yield "}"
            case t.Union(alternatives=alternatives):
                yield f"switch {item} := {place}.(type) {{"
                for one in filter(has_unordered, alternatives):
                    yield f"case {go_names.exported(one.name)}:"
                    yield from self._statements(item, one, depth + 1)
                    yield f"{place} = {item}"
                yield "}"
            case other:
                raise AssertionError(f"{other!r} holds no list")

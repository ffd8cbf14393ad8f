"""
Functions of an exported Rust test that bring a value into one form, in which unordered lists are sorted.

The SDK does it before it sends a value, so that the oracle takes all orders for equal. A test compares texts,
so it sorts the items by theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from driftcheck.codegen.rust_names import snake
from driftcheck.core import types as t
from driftcheck.export.go_one_form import has_unordered


@attrs.define(eq=False)
class RustOneForm:
    """Writes the functions of one test; remembers which it needs.

    Args:
        owned: returns the Rust type of an owned value.
    """

    owned: Callable[[t.Type], str]
    types: list[t.Type] = attrs.field(factory=list)

    def function(self, type_: t.Type) -> str | None:
        """Return the name of the function for a type; None if such values have one form anyway."""
        bare = t.bare(type_)
        if not has_unordered(bare):
            return None
        if bare not in self.types:
            self.types.append(bare)
        return f"in_one_form{self.types.index(bare) + 1}"

    def value(self, type_: t.Type, expression: str, module: str = "") -> str:
        """Return the expression of an owned value in one form.

        Args:
            module: the path of the functions, if it is needed, with its colons.
        """
        name = self.function(type_)
        return expression if name is None else f"{module}{name}({expression})"

    def functions(self) -> Iterator[str]:
        """Yield the functions that are needed."""
        for number, type_ in enumerate(self.types, 1):
            yield "\n".join(
                [
                    "/// Sorts the unordered lists in a value.",
                    "#[allow(clippy::collapsible_if, clippy::collapsible_match)]",
                    f"pub fn in_one_form{number}(mut value: {self.owned(type_)}) -> {self.owned(type_)} {{",
                    *_statements("value", "&mut value", type_, 1),
                    "value",
                    "}\n",
                ]
            )


def _statements(place: str, reference: str, type_: t.Type, depth: int) -> Iterator[str]:
    """Yield what brings a value into one form.

    Args:
        place: an expression whose methods and fields are those of the value.
        reference: an expression of a mutable reference to the value.
    """
    bare = t.bare(type_)
    if not has_unordered(bare):
        return
    item = f"item{depth}"
    match bare:
        case t.Sequence(inner=inner, unordered=unordered):
            if has_unordered(inner):
                yield f"for {item} in {place}.iter_mut() {{"
                yield from _statements(item, item, inner, depth + 1)
                yield "}"
            if unordered:
                yield f'{place}.sort_by_cached_key(|item| format!("{{item:?}}"));'
        case t.Mapping(value=inner):
            yield f"for {item} in {place}.values_mut() {{"
            yield from _statements(item, item, inner, depth + 1)
            yield "}"
        case t.Record(fields=fields):
            for field in fields:
                inside = f"{place}.{snake(field.name)}"
                yield from _statements(inside, f"&mut {inside}", field.type, depth)
        case t.Optional(inner=inner):
            yield f"if let Some({item}) = {reference} {{"
            yield from _statements(item, item, inner, depth + 1)
            yield "}"
        case t.Union(name=name, alternatives=alternatives):
            concerned = [one for one in alternatives if has_unordered(one)]
            if len(concerned) == 1:
                yield f"if let {name}::{concerned[0].name}({item}) = {reference} {{"
                yield from _statements(item, item, concerned[0], depth + 1)
                yield "}"
                return
            yield f"match {reference} {{"
            for one in concerned:
                yield f"{name}::{one.name}({item}) => {{"
                yield from _statements(item, item, one, depth + 1)
                yield "}"
            yield from [] if len(concerned) == len(alternatives) else ["_ => {}"]
            yield "}"
        case other:
            raise AssertionError(f"{other!r} holds no list")

"""Annotations and constraints as an author would write them, for what is said about them."""

from __future__ import annotations

import types as python_types
import typing
from typing import Annotated, Any, get_args, get_origin


def spell(annotation: Any) -> str:
    """Return an annotation as it stands in the source, its constraints left out."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return spell(args[0])
    if annotation is type(None):
        return "None"
    if annotation is Ellipsis:
        return "..."
    if origin is typing.Union or origin is python_types.UnionType:
        return " | ".join(spell(a) for a in args)
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, args))}]"
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(spell(a) for a in args) or '()'}]"
    return str(getattr(annotation, "__name__", repr(annotation)))


def spell_constraint(item: Any) -> str:
    """Return a constraint by its name where it has one, without an address of memory."""
    return str(getattr(item, "__name__", repr(item)))

"""
Annotations and constraints as their author writes them, for messages.

Knows only Python's annotations.
"""

from __future__ import annotations

import types as python_types
import typing
from typing import Annotated, Any, get_args, get_origin


def annotation_text(annotation: Any) -> str:
    """Return an annotation as source text, without its constraints."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return annotation_text(args[0])
    if annotation is type(None):
        return "None"
    if annotation is Ellipsis:
        return "..."
    if origin is typing.Union or origin is python_types.UnionType:
        return " | ".join(annotation_text(a) for a in args)
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, args))}]"
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(annotation_text(a) for a in args) or '()'}]"
    return str(getattr(annotation, "__name__", repr(annotation)))


def constraint_text(item: Any) -> str:
    """Return the name of a constraint, or its repr if it has none."""
    return str(getattr(item, "__name__", repr(item)))

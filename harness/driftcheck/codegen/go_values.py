"""
The Go types of a contract's types, and the statements that write and read their values.

Knows types and spelling. Knows nothing of operations or files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from driftcheck.codegen import go_names as names
from driftcheck.core import types as t

BYTES_KEY = "ByteString"  # byte strings as keys of maps, where Go allows no slices

Lines = list[str]


def go_type(type_: t.Type) -> str:
    """Return the Go type that stands for `type_`."""
    match t.bare(type_):
        case t.Bool():
            return "bool"
        case t.Int() as int_:
            return "int64" if int_.signed else "uint64"
        case t.Float():
            return "float64"
        case t.Text():
            return "string"
        case t.Bytes() | t.Payload():
            return "[]byte"
        case t.Enumeration(name=name) | t.Record(name=name) | t.Union(name=name) | t.Handle(name=name):
            return names.exported(name)
        case t.Optional(inner=inner):
            # A sealed interface can be nil itself.
            return go_type(inner) if isinstance(t.bare(inner), t.Union) else "*" + go_type(inner)
        case t.Sequence(inner=inner):
            return "[]" + go_type(inner)
        case t.Mapping(key=key, value=value):
            return f"map[{key_type(key)}]{go_type(value)}"
        case other:
            raise AssertionError(f"{other!r} does not travel")


def key_type(type_: t.Type) -> str:
    """Return the Go type of a map's keys."""
    return BYTES_KEY if isinstance(t.bare(type_), t.Bytes) else go_type(type_)


def write(value: str, type_: t.Type, depth: int = 1) -> Lines:
    """Return statements that write the expression `value` to w."""
    match t.bare(type_):
        case t.Bool():
            return [f"w.Bool({value})"]
        case t.Int() as int_:
            return [f"w.Int({value})" if int_.signed else f"w.Uint({value})"]
        case t.Float(nan_equal=nan_equal):
            return [f"w.FloatNaNEqual({value})" if nan_equal else f"w.Float({value})"]
        case t.Text():
            return [f"w.Text({value})"]
        case t.Bytes() | t.Payload():
            return [f"w.Bytes({value})"]
        case t.Enumeration():
            return [f"w.Int(int64({value}))"]
        case t.Record(name=name) | t.Union(name=name):
            return [f"write{names.exported(name)}(w, {value})"]
        case t.Optional(inner=inner):
            if isinstance(t.bare(inner), t.Union):
                return write(value, inner, depth)
            return [
                f"if {value} == nil {{",
                "\tw.Null()",
                "} else {",
                *indented(write(f"*{value}", inner, depth)),
                "}",
            ]
        case t.Sequence(inner=inner, unordered=unordered):
            item = f"v{depth}"
            body = write(item, inner, depth + 1)
            return [
                f"w.Array(len({value}))",
                f"for _, {item} := range {value} {{",
                *indented(_sorted(body, depth) if unordered else body),
                "}",
                *([f"w.Sort(len({value}))"] if unordered else []),
            ]
        case t.Mapping(key=key, value=inner):
            name, item = f"k{depth}", f"v{depth}"
            body = [*_write_key(name, key), *write(item, inner, depth + 1)]
            return [
                f"w.Map(len({value}))",
                f"for {name}, {item} := range {value} {{",
                *indented(_sorted(body, depth)),
                "}",
                f"w.Sort(len({value}))",
            ]
        case t.Handle() | t.Peer() | t.Steps() | t.Named() | t.Choice() | t.Generated() as other:
            raise AssertionError(f"{other!r} has no value on the wire")
        case other:
            assert_never(other)


def read(target: str, type_: t.Type, depth: int = 1) -> Lines:
    """Return statements that read from r into `target`, a variable that still has its zero value."""
    bare = t.bare(type_)
    match bare:
        case t.Optional(inner=inner):
            if isinstance(t.bare(inner), t.Union):
                return ["if !r.Null() {", *indented(read(target, inner, depth)), "}"]
            item = f"v{depth}"
            return [
                "if !r.Null() {",
                *indented(declare(item, inner, depth + 1)),
                f"\t{target} = &{item}",
                "}",
            ]
        case t.Sequence(inner=inner):
            index = f"i{depth}"
            return [
                f"{target} = make({go_type(bare)}, r.Array())",
                f"for {index} := range {target} {{",
                *indented(read(f"{target}[{index}]", inner, depth + 1)),
                "}",
            ]
        case t.Mapping(key=key, value=inner):
            name, item, count, before = (f"{letter}{depth}" for letter in ("k", "v", "n", "before"))
            return [
                f"{target} = make({go_type(bare)})",
                # Inside the loop's scope, since the next map of a record uses the same names.
                f"for {count}, {before} := r.Map(), []byte(nil); {count} > 0; {count}-- {{",
                "\tmark := r.Mark()",
                *indented(_declare_key(name, key)),
                f"\t{before} = r.Key(mark, {before})",
                *indented(declare(item, inner, depth + 1)),
                f"\t{target}[{name}] = {item}",
                "}",
            ]
        case _:
            return [f"{target} = {_reading(bare)}"]


def declare(name: str, type_: t.Type, depth: int = 1) -> Lines:
    """Return statements that declare a variable and read it from r."""
    bare = t.bare(type_)
    if isinstance(bare, t.Optional | t.Sequence | t.Mapping):
        return [f"var {name} {go_type(bare)}", *read(name, bare, depth)]
    return [f"{name} := {_reading(bare)}"]


def _reading(bare: t.Type) -> str:
    """Return the expression that reads a value which one call can read."""
    match bare:
        case t.Bool():
            return "r.Bool()"
        case t.Int() as int_:
            return "r.Int()" if int_.signed else "r.Uint()"
        case t.Float():
            return "r.Float()"
        case t.Text():
            return "r.Text()"
        case t.Bytes() | t.Payload():
            return "r.Bytes()"
        case t.Enumeration(name=name, members=members):
            return f"{names.exported(name)}(r.Index({len(members)}))"
        case t.Record(name=name) | t.Union(name=name):
            return f"read{names.exported(name)}(r)"
        case other:
            raise AssertionError(f"{other!r} is not read by one call")


def _write_key(name: str, type_: t.Type) -> Lines:
    if isinstance(t.bare(type_), t.Bytes):
        return [f"w.BytesOf(string({name}))"]
    return write(name, type_)


def _declare_key(name: str, type_: t.Type) -> Lines:
    if isinstance(t.bare(type_), t.Bytes):
        return [f"{name} := {BYTES_KEY}(r.BytesOf())"]
    return declare(name, type_)


def _sorted(body: Lines, depth: int) -> Lines:
    return [f"mark{depth} := w.Mark()", *body, f"w.Item(mark{depth})"]


def indented(lines: Iterable[str]) -> Lines:
    return ["\t" + line for line in lines]


def definitions(type_: t.Record | t.Union | t.Enumeration, doc: str) -> Lines:
    """Return the definition of a named type."""
    name = names.exported(type_.name)
    match type_:
        case t.Record(fields=fields):
            fields_ = [(names.exported(f.name), go_type(f.type)) for f in fields]
            if not fields_:
                return [*names.comment(doc), f"type {name} struct{{}}"]
            width = max(len(n) for n, _ in fields_)
            return [
                *names.comment(doc),
                f"type {name} struct {{",
                *(f"\t{n:{width}} {go}" for n, go in fields_),
                "}",
            ]
        case t.Union():
            return [
                *names.comment(doc),
                f"type {name} interface {{",
                f"\twrite{name}(w *driftcheck.Writer)",
                "}",
            ]
        case t.Enumeration(members=members):
            first, *rest = [name + names.exported(m.name) for m in members]
            return [
                *names.comment(doc),
                f"type {name} int",
                "",
                f"// The values of {name}.",
                "const (",
                f"\t{first} {name} = iota",
                *(f"\t{n}" for n in rest),
                ")",
            ]


def writers(type_: t.Record | t.Union) -> Lines:
    """Return the functions that write a record or union."""
    name = names.exported(type_.name)
    match type_:
        case t.Record(fields=fields):
            body = [line for f in fields for line in write(f"v.{names.exported(f.name)}", f.type)]
            value = "v" if fields else "_"
            return [
                f"func write{name}(w *driftcheck.Writer, {value} {name}) {{",
                f"\tw.Array({len(fields)})",
                *indented(body),
                "}",
            ]
        case t.Union(alternatives=alternatives):
            lines = [
                f"func write{name}(w *driftcheck.Writer, v {name}) {{",
                "\tif v == nil {",
                "\t\tw.Null() // no alternative, which the oracle reports as outside the type",
                "\t\treturn",
                "\t}",
                f"\tv.write{name}(w)",
                "}",
            ]
            for index, alternative in enumerate(alternatives):
                record = names.exported(alternative.name)
                lines += [
                    "",
                    f"func (v {record}) write{name}(w *driftcheck.Writer) {{",
                    "\tw.Array(2)",
                    f"\tw.Uint({index})",
                    f"\twrite{record}(w, v)",
                    "}",
                ]
            return lines


def readers(type_: t.Record | t.Union) -> Lines:
    """Return the function that reads a record or union."""
    name = names.exported(type_.name)
    match type_:
        case t.Record(fields=fields):
            body = [line for f in fields for line in read(f"v.{names.exported(f.name)}", f.type)]
            return [
                f"func read{name}(r *driftcheck.Reader) (v {name}) {{",
                f"\tr.Fields({len(fields)})",
                *indented(body),
                "\treturn v",
                "}",
            ]
        case t.Union(alternatives=alternatives):
            cases = [
                line
                for index, alternative in enumerate(alternatives)
                for line in (f"\tcase {index}:", f"\t\tv = read{names.exported(alternative.name)}(r)")
            ]
            return [
                f"func read{name}(r *driftcheck.Reader) (v {name}) {{",
                "\tr.Fields(2)",
                f"\tswitch r.Index({len(alternatives)}) {{",
                *cases,
                "\t}",
                "\treturn v",
                "}",
            ]

"""Hostile exports for `compat`: good ones, broken by every rule, and others in the place of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from compat_samples import STORE, operation_of
from file_rules import OTHERS
from frame import Hostile, one_in
from json_rules import broken, text

ANY = frozenset({0, 1, 2})
KEPT = 8  # one in this many of what the rules give; all of it would take hours
FAST = 24  # one in this many of these is run each time
NAMES = [
    "self",
    "cls",
    "__init__",
    "__class__",
    "__slots__",
    "__attrs_attrs__",
    "_x",
    "x_",
    "print",
    "None",
    "class",
    "ﬁ",
    "attr_dict",
    "NOTHING",
    "_cached_setattr_get",
    "mro",
    "_ignore_",
    "_missing_",
    "name",
    "value",
    "a b",
    "",
    "x" * 100_000,
    "x=__import__('os').system('true')",
    "os:system",
]
PATTERNS = {
    "repeats": "(a+)+$",
    "nested-repeats": "(?:(?:a{0,9999}){0,9999}){0,9999}",
    "alternatives": "|".join(["a"] * 100_000),
    "groups": "(" * 5_000 + ")" * 5_000,
    "not-closed": "(" * 100_000,
    "classes": "[" + "a-z" * 100_000 + "]",
    "look-behind": "(?<=a+)b",
    "recursion": "(?R)",
    "huge-count": "a{99999999999}",
    "flags": "(?imsxau)a",
    "references": r"(a)\2",
}


def _compared(content: Callable[[], bytes], *more: str) -> Callable[[Path], Sequence[str]]:
    def write(folder: Path) -> Sequence[str]:
        (folder / "old.json").write_bytes(text(STORE))
        (folder / "new.json").write_bytes(content())
        return ("compat", "old.json", "new.json", *more)

    return write


def _broken() -> Iterator[Hostile]:
    for name, content in broken(STORE):
        if one_in(KEPT, name):
            is_fast = one_in(FAST, f"fast {name}")
            yield Hostile("export", name, _compared(content), ANY, is_sentence=False, nightly=not is_fast)


def _edited() -> Iterator[Hostile]:
    def edit(name: str, change: Callable[[Any], Any], *, expected: frozenset[int] = ANY) -> Hostile:
        def content() -> bytes:
            data = json.loads(json.dumps(STORE))
            change(data)
            return text(data)

        return Hostile("export", name, _compared(content), expected, is_sentence=False)

    for number, name in enumerate(NAMES):

        def field(data: Any, name: str = name) -> None:
            data["types"]["Item"]["fields"][0]["name"] = name

        def member(data: Any, name: str = name) -> None:
            data["types"]["Colour"]["members"][0] = name

        def record(data: Any, name: str = name) -> None:
            data["types"][name] = data["types"].pop("Left")
            data["types"]["Item"]["fields"][-1]["type"] = {"kind": "named", "name": name}

        def operation(data: Any, name: str = name) -> None:
            data["operations"][0]["name"] = name

        def contract(data: Any, name: str = name) -> None:
            data["contract"] = name

        for change in (field, member, record, operation, contract):
            yield edit(f"{change.__name__}-named-{number}", change)

    def no_operations(data: Any) -> None:
        data["operations"] = []

    yield edit("no_operations", no_operations, expected=frozenset({2}))
    for name, pattern in PATTERNS.items():

        def match(data: Any, pattern: str = pattern) -> None:
            operation_of(data, "put")["arguments"][0]["type"]["pattern"] = pattern

        yield edit(f"pattern-{name}", match)
    for count in (1_000, 10_000):

        def many_operations(data: Any, count: int = count) -> None:
            one = operation_of(data, "put")
            data["operations"] = [{**one, "name": f"o{i}"} for i in range(count)]

        def many_fields(data: Any, count: int = count) -> None:
            fields = data["types"]["Item"]["fields"]
            fields += [{**fields[0], "name": f"f{i}"} for i in range(count)]

        def many_members(data: Any, count: int = count) -> None:
            data["types"]["Colour"]["members"] = [f"m{i}" for i in range(count)]

        def chain(data: Any, count: int = count) -> None:
            for i in range(count):
                inner = {"kind": "named", "name": f"R{i + 1}" if i + 1 < count else "Left"}
                data["types"][f"R{i}"] = {"kind": "record", "fields": [{"name": "a", "type": inner}]}
            data["types"]["Item"]["fields"][0]["type"] = {"kind": "named", "name": "R0"}

        def fan(data: Any, count: int = count) -> None:
            depth = 12 if count == 1_000 else 40
            for i in range(depth):
                inner = {"kind": "named", "name": f"R{i + 1}" if i + 1 < depth else "Left"}
                fields = [{"name": name, "type": inner} for name in "ab"]
                data["types"][f"R{i}"] = {"kind": "record", "fields": fields}
            data["types"]["Item"]["fields"][0]["type"] = {"kind": "named", "name": "R0"}

        def many_choices(data: Any, count: int = count) -> None:
            operation_of(data, "put")["arguments"][3]["type"]["one_of"] = list(range(count))

        def many_instances(data: Any, count: int = count) -> None:
            data["instances"] = count**3

        def many_names(data: Any, count: int = count) -> None:
            operation_of(data, "put")["arguments"][0]["type"]["names"] = count**3

        def long_list(data: Any, count: int = count) -> None:
            data["types"]["Item"]["fields"][4]["type"]["min_len"] = count**3
            data["types"]["Item"]["fields"][4]["type"]["max_len"] = count**3

        def long_text(data: Any, count: int = count) -> None:
            data["types"]["Item"]["fields"][1]["type"]["min_len"] = count**3
            data["types"]["Item"]["fields"][1]["type"]["max_len"] = count**3

        for change in (
            many_operations,
            many_fields,
            many_members,
            chain,
            fan,
            many_choices,
            many_instances,
            many_names,
            long_list,
            long_text,
        ):
            yield edit(f"{change.__name__}-{count}", change)


def _in_the_place_of_a_file() -> Iterator[Hostile]:
    for name, make in OTHERS.items():
        for place in ("old.json", "new.json"):

            def write(folder: Path, make: Any = make, place: str = place) -> Sequence[str]:
                (folder / ({"old.json", "new.json"} - {place}).pop()).write_bytes(text(STORE))
                make(folder / place)
                return ("compat", "old.json", "new.json")

            yield Hostile("export", f"{place}-{name}", write)

        def cases(folder: Path, make: Any = make) -> Sequence[str]:
            (folder / "cases" / "store").mkdir(parents=True)
            make(folder / "cases" / "store" / "one.json")
            for place in ("old.json", "new.json"):
                (folder / place).write_bytes(text(STORE))
            return ("compat", "old.json", "new.json")

        yield Hostile("export", f"case-{name}", cases, frozenset({0}), is_sentence=False)


CORPUS: list[Hostile] = [*_broken(), *_edited(), *_in_the_place_of_a_file()]

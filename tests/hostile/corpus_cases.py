"""Hostile case files: good ones, broken by every rule; and good ones that are heavy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from case_files import LAW, STEPS, TYPES
from file_rules import OTHERS
from frame import Hostile, one_in
from json_rules import broken, put, text

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "examples" / "cases" / "json"
RECONCILE = ROOT / "tests" / "finds" / "reconcile" / "cases"
ANY = frozenset({0, 1, 2})  # a place that only informs may hold anything
KEPT = 6  # one in this many of what the rules give; all of it would take hours
FAST = 16  # one in this many of these is run each time

# A subject that does not exist ends a case that can be read, so that all that is tried is the reading.
NO_SUBJECT = ("--subject", "none")
MODEL = ("--subject", "model")

DECISION = ("--reason", "r", "--owner", "o", "--expires", "2999-01-01", "--deviates", "rust")

Write = Callable[[Path], Sequence[str]]


def _sample(path: Path) -> Any:
    data = json.loads(path.read_text(encoding="utf-8"))
    data["environment"] = {"driftcheck": "0.1.0", "subjects": {"go": {"language": "go"}}}
    return data


GOOD: dict[str, tuple[Any, Sequence[str]]] = {
    "steps": (STEPS, MODEL),
    "law": (LAW, ("--contract", "generation_contracts:Lru")),
    "types": (TYPES, ("--contract", "generation_contracts:Every")),
    "decode": (_sample(next(SAMPLES.glob("accept-*.json"))), NO_SUBJECT),
    "encode": (_sample(next(SAMPLES.glob("round-*.json"))), NO_SUBJECT),
    "replicas": (_sample(RECONCILE / "counters_wrap.json"), NO_SUBJECT),
}


def _replayed(content: Callable[[], bytes], options: Sequence[str]) -> Write:
    def write(folder: Path) -> Sequence[str]:
        (folder / "case.json").write_bytes(content())
        return ("replay", "case.json", *options)

    return write


def _broken() -> Iterator[Hostile]:
    for sample, (good, options) in GOOD.items():
        for rule, content in broken(good):
            name = f"{sample}:{rule}"
            if one_in(KEPT, name):
                is_fast = one_in(FAST, f"fast {name}")
                yield Hostile("case", name, _replayed(content, options), ANY, nightly=not is_fast)


def _accepted() -> Iterator[Hostile]:
    """Cases that are accepted: what their signatures hold goes into a file of entries."""
    more = {"cause": ["a"], "frame": "f", "subject": "x", "path": "value"}
    good = {**STEPS, "signature": {**STEPS["signature"], **more}}
    for name, content in broken(good):
        if name.startswith("signature") and one_in(2, name):

            def write(folder: Path, content: Callable[[], bytes] = content) -> Sequence[str]:
                (folder / "case.json").write_bytes(content())
                return ("accept", "case.json", *DECISION)

            yield Hostile("case", f"accepted:{name}", write, frozenset({0, 2}), is_sentence=False)


def _in_the_place_of_a_file() -> Iterator[Hostile]:
    for name, make in OTHERS.items():
        for verb in ("replay", "accept"):
            more = DECISION if verb == "accept" else ()

            def write(folder: Path, make: Any = make, verb: str = verb, more: Any = more) -> Sequence[str]:
                make(folder / "case.json")
                return (verb, "case.json", *more)

            yield Hostile("case", f"{verb}-of-{name}", write)


def _named(contract: str) -> Hostile:
    data = {**STEPS, "contract": contract}
    return Hostile("case", f"contract={contract[:40]!r}", _replayed(lambda: text(data), ()), says="case file")


CONTRACTS = [
    "evil:X",
    "os:system",
    "antigravity:fly",
    "lib2to3.__main__:main",
    "driftcheck_contracts.lru:Lru",
    "driftcheck_contracts.lru",
    "../lru",
    "/etc/passwd",
    "lru\0",
    "LRU",
    " lru",
    "lru\n",
    "\x1b[2J",
    "\u202elru",
    "ｌｒｕ",
    "lru:",
    ":Lru",
    ":",
    "",
    "x" * 1_000_000,
    "a:" * 100_000,
]


def _heavy() -> Iterator[Hostile]:
    """Cases that fit the contract, and are as large as a case may be."""
    walk = {"operation": "walk"}
    put_step = STEPS["steps"][0]
    many: dict[str, tuple[list[Any], frozenset[int], str]] = {
        "10000-steps": ([put_step] * 10_000, ANY, ""),
        "10001-steps": ([put_step] * 10_001, frozenset({2}), "at most 10000"),
        "40000-steps": ([walk] * 40_000, frozenset({2}), "at most 10000"),
        "400000-steps": ([walk] * 400_000, frozenset({2}), "larger than 4 MiB"),
        "many-handles": (
            [walk, {"operation": "advance", "arguments": {"cursor": {"handle_of_step": 1}}}] * 3_000,
            ANY,
            "",
        ),
    }
    for name, (steps, expected, says) in many.items():
        content = lambda steps=steps: text({**STEPS, "steps": steps})  # noqa: E731 # bound to its steps
        yield Hostile("case", f"heavy-{name}", _replayed(content, MODEL), expected, says=says)
    batch = [{"opening": {"capacity": 2}, "steps": [walk] * 10_000}] * 18
    yield Hostile(
        "case", "heavy-batch", _replayed(lambda: text({**STEPS, "batch": batch}), MODEL), frozenset({2})
    )
    names = put(STEPS, ("names", next(iter(STEPS["names"]))), ["a"] * 500_000)
    yield Hostile("case", "heavy-names", _replayed(lambda: text(names), MODEL), says="at most 4")
    decode = GOOD["decode"][0]
    document = ("steps", 0, "arguments", "document")
    for name, data in DOCUMENTS.items():
        for key in ("text", "hex"):

            def content(data: str = data, key: str = key) -> bytes:
                shown = data if key == "text" else data.encode().hex()
                return text(put(decode, document, {key: shown}))

            yield Hostile(
                "case",
                f"heavy-{key}-{name}",
                _replayed(content, ("--subject", "go", "--subject", "serde")),
                ANY,
                nightly=key == "hex" or name not in BY_DAY,
            )


BY_DAY = ("too-large", "closed", "names", "marks")
DOCUMENTS = {  # each of nearly 512 KiB, except for the first
    "too-large": "[" * 3_000_000,
    "brackets": "[" * (1 << 19),
    "braces": '{"a":' * 100_000,
    "closed": "[" * 250_000 + "]" * 250_000,
    "names": "{" + ",".join(f'"k{i}":{i}' for i in range(32_000)) + "}",
    "same-names": "{" + ",".join(['"id":0'] * 70_000) + "}",
    "backslashes": '"' + "\\" * 500_000,
    "quotes": '"' * 500_000,
    "spaces": " " * 500_000,
    "comments": "/*" * 250_000,
    "digits": "1" * 500_000,
    "exponent": '{"id":0,"name":"","score":1e' + "9" * 500_000 + ',"note":null,"tags":[]}',
    "tags": '{"id":0,"name":"","score":0,"note":null,"tags":[' + ",".join(['""'] * 150_000) + "]}",
    "marks": '{"a' + "\u0301" * 125_000 + "\u0323" * 125_000 + '":0}',
    "escapes": '"' + "\\ud800" * 80_000 + '"',
    "names-in-lists": '{"id":' + '[{"id":' * 70_000,
}

CORPUS: list[Hostile] = [
    *_broken(),
    *_accepted(),
    *_in_the_place_of_a_file(),
    *map(_named, CONTRACTS),
    *_heavy(),
]

"""The smallest contract needs ten lines."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from driftcheck import schema_of
from driftcheck.codegen import go, rust
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.strategy import traces

PREAMBLE = "import attrs\nfrom driftcheck import I64, Contract, Json, Payload, Rejection, operation\n"
CONTRACT = '''\
@attrs.frozen
class Item:
    id: I64

class JsonDecode(Contract):
    """Reads an Item from a JSON document."""
    malformed = Rejection("not an Item", catch_all=True)

    @operation
    def decode(self, document: Payload[Item, Json]) -> Item: ...
'''


@pytest.fixture
def contract(monkeypatch: pytest.MonkeyPatch) -> type:
    """Return the contract, made from its text."""
    module = ModuleType("ten_lines")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(PREAMBLE + CONTRACT, vars(module))
    made: type = module.JsonDecode
    return made


def test_the_ten_line_contract_stays_ten_lines(contract: type) -> None:
    """One class of data, one contract, one rejection, one operation: ten lines, empty ones included."""
    schema = schema_of(contract)

    assert len(CONTRACT.splitlines()) == 10
    assert schema.name == "json_decode"
    assert [o.name for o in schema.operations] == ["decode"]
    assert schema.operations[0].rejects == ("malformed",)
    assert schema.is_stateless


def test_all_is_derived_from_the_ten_lines(contract: type) -> None:
    """driftcheck makes the plan, the strategy, the Go interface and the Rust trait from these lines alone."""
    schema = schema_of(contract)

    compile_plan(schema)
    assert traces(schema) is not None
    assert "Decode(document []byte) (Item, error)" in go.generate(schema)
    assert "fn decode(&mut self, document: &[u8]) -> Outcome<Item>" in rust.generate(schema)

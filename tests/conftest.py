"""What all tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import pytest

pytest_plugins = ["pytester"]

# Many images of containers set this. Each process that a test starts then compiles all modules again, and a
# pytest within a test rewrites the assertions of Hypothesis again, which takes three times as long.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# As in the builds of driftcheck: Cargo compiles PyO3 again whenever this variable has another value.
os.environ["PYO3_PYTHON"] = os.path.realpath(sys.executable)


@pytest.fixture
def compiled_crates() -> Mapping[str, str]:
    """Return variables with which Cargo takes the crates that the checkout's adapters have compiled."""
    from driftcheck.build import rust

    target = rust.sdk_folder("rust").parent / "target"
    return {"CARGO_TARGET_DIR": str(target), "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(rust._without_paths())}

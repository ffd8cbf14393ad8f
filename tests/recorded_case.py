"""Case files that tests write as if driftcheck had recorded the outcomes in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from driftcheck.findings.case import RECORDED_FOR, digest


def write_recorded(path: Path, data: dict[str, Any]) -> None:
    """Write a case whose outcomes belong to its steps."""
    path.write_text(json.dumps({**data, RECORDED_FOR: digest(data)}))

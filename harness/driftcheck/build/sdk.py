"""The places of the SDKs: beside `harness/` in a checkout, inside the package if driftcheck is installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_SHIMS = {"go": "go_shim", "rust": "rust_shim"}

INSTALLED = "_sdk"  # the folder of both SDKs in a wheel


def sdk_folder(language: str) -> Path:
    """Return the folder of the SDK for "go" or "rust"."""
    installed = _PACKAGE / INSTALLED / language
    return installed if installed.is_dir() else _PACKAGE.parents[1] / _SHIMS[language] / "sdk"


def checkout() -> Path | None:
    """Return the root of the checkout that driftcheck runs from, or None if it is installed."""
    return None if (_PACKAGE / INSTALLED).is_dir() else _PACKAGE.parents[1]

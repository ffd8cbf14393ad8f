"""
Loads a Rust extension, whose module holds the four calls as functions.

Knows nothing of CBOR.
"""

from __future__ import annotations

from importlib.machinery import ExtensionFileLoader, ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from driftcheck_bindings.library import Library

MODULE = "driftcheck_subject"  # what `driftcheck::extension!` calls it, whatever its file is called


def load(target: str) -> Library:
    """Load the Rust extension at this path.

    Raises:
        ImportError: the dynamic linker refuses it, or it is no extension made by the Rust SDK.
    """
    loader = ExtensionFileLoader(MODULE, target)
    module = loader.create_module(ModuleSpec(MODULE, loader, origin=target))
    loader.exec_module(module)
    for name in ("abi", "describe", "run"):
        if not hasattr(module, name):
            raise ImportError(f"it has no function {name!r}", path=target)
    return module

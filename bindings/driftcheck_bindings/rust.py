"""
Loads a Rust library: an extension module with the calls as functions.

Knows nothing of CBOR.
"""

from __future__ import annotations

from importlib.machinery import ExtensionFileLoader, ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from driftcheck_bindings.library import Library

MODULE = "driftcheck_subject"  # the name that `driftcheck::extension!` gives it; the file may have any name


def load(target: str) -> Library:
    """Load the Rust library at this path.

    Raises:
        ImportError: the dynamic linker cannot load it, or the Rust SDK has not built it.
    """
    loader = ExtensionFileLoader(MODULE, target)
    module = loader.create_module(ModuleSpec(MODULE, loader, origin=target))
    loader.exec_module(module)
    for name in ("abi", "describe", "run"):
        if not hasattr(module, name):
            raise ImportError(f"it has no function {name!r}", path=target)
    return module

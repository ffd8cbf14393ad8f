"""
Exports a case: a failing test in Go, Rust or Python, which needs no driftcheck.

`demands` decides from the case file alone what the test asserts; `demand` has the values for it. `go_file`,
`rust_file` and `python_file` write it as text in the order of `case_test`, the first two with the conversions
of the adapter, which `go_adapter` and `rust_adapter` read from its source. `lacking` says what the tree must
get first. No subject is run, and no library is built.
"""

from driftcheck.export.errors import CannotExport
from driftcheck.export.exporting import LANGUAGES, Exported, export

__all__ = ["LANGUAGES", "CannotExport", "Exported", "export"]

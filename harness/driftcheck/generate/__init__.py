"""Traces: drawn from a plan, encoded as choices, and shrunk to what a finding needs."""

from driftcheck.generate.release import check_release

check_release()  # before any private name of Hypothesis is imported

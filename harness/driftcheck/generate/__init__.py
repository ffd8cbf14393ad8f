"""Traces from a plan: drawn, encoded as choices, cut down to what a finding needs."""

from driftcheck.generate.release import check_release

check_release()  # before any private name of Hypothesis is imported

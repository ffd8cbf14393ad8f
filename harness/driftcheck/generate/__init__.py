"""Traces from a plan: drawn, encoded as choices, cut down to what a finding needs."""

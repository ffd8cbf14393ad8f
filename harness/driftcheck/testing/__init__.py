"""Contracts as pytest items: what a test file says, what is collected, run and printed."""

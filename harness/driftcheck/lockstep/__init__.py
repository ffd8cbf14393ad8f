"""Lockstep: one trace through every subject, answers side by side."""

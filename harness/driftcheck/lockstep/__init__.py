"""Lockstep: runs one trace through every subject, and returns their answers side by side."""

"""Findings after they were shrunk: the case file, the printed page, and accepting one as an asymmetry."""

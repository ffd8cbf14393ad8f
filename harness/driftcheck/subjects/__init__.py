"""Subjects: where they are declared, and the processes they run in."""

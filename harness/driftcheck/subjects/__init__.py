"""Subjects: where they are declared, and the processes in which they run."""

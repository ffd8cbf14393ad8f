"""The matrix: what each subject does with every operation and mutation, and the ways to show it."""

"""The matrix: what each subject does with each operation and mutation, and how to print it."""

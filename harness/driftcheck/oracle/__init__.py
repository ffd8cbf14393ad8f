"""The oracle: verdicts over answers that stand side by side."""

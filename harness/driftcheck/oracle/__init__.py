"""The oracle: verdicts on the answers of all subjects to one trace or law case."""

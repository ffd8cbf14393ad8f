"""What all tests share."""

import os

pytest_plugins = ["pytester"]

# Many images of containers set this. Each process that a test starts then compiles all modules again, and a
# pytest within a test rewrites the assertions of Hypothesis again, which takes three times as long.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

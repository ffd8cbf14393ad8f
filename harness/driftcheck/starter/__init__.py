"""A package to start from: a contract of one's own with both adapters, written by `driftcheck new`."""

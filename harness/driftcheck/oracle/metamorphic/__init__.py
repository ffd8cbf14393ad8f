"""
Metamorphic checks: run a variation of a trace and compare the two executions of the same subject.

One module a check. They need no reference result, so the author of a contract writes nothing for them.
"""

"""
The process that holds one subject, and the loaders of native libraries.

`driftcheck` starts `host.main` and never imports anything from here: the two meet in entry points
and in the frames of docs/reference/wire.md. Every import costs each host its time, so modules here
import little and late.
"""

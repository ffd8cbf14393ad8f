"""
The host, which is the process that runs one subject, and the loaders of native libraries.

`driftcheck` starts `host.main` through an entry point, and imports nothing from here.
The two exchange the frames that docs/reference/wire.md defines.
Each import delays the start of every host, so these modules import little, and late.
"""

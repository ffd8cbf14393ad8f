"""
Campaigns: long searches of several contracts by several processes, with a corpus that they keep.

`broker` gives turns to workers and merges what they bring; `turn` is what a worker does; `corpus` keeps what
showed something new; `events` is the record of each campaign.
"""

"""Runs: whatever takes longer than a page load, each in a process of its own.

    pages, command line -> client.submit -> queue -> supervisor -> worker -> a recipe
             |                                                                |
             `------------------ reads ----- the store ----- writes ----------'

A reader never waits for a worker: it reads the store by cursor. The supervisor (`presence` says
whether it is there) is the one process that starts runs; when a worker's process is gone,
`diagnosis` says why and `recovery` has it tried again or explained. Whoever starts a run holds a
handle on it (`client`); pausing, resuming and branching is in `lifecycle`. A short question goes
through `resident`, a worker that stays warm. Nothing here knows what a recipe does: its name is a
string.
"""

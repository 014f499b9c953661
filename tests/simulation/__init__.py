"""Everything that happens to runs, simulated: the real code of `core.runs` in a world of its own.

    world         machines, processes, threads and clocks, moved by one dice, one step at a time
    substitutes   what the code finds in place of `time`, `os`, `subprocess`, `threading` ...
    storage       the store in memory: each transaction a border, where others come in between
    errand        the recipe that all runs do: numbered events and points, checkpoints, controls
    people        who submits, changes, pauses, stops and resumes runs, and who reads them
    faults        crashes, pauses, clock jumps, doubled processes, lost disks, at borders
    watch         what must hold: after each transaction, and at the end
    schedule      one seed, one schedule: all of the above, from a dice

    python -m tests.simulation 10000             so many schedules; prints the seeds that fail
    python -m tests.simulation --seed 4711       one of them again, with all that happens in it

The whole of a schedule follows from its seed. Nothing sleeps, nothing is started: a minute of the
world takes some milliseconds.
"""

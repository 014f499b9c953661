"""Runs: whatever takes longer than a page load, each in a process of its own.

    pages, command line -> backends/local.submit -> python -m core.jobs.worker RUN_ID -> a recipe
             |                                                  |
             `-------------- reads --- store.sqlite --- writes -'

A reader never waits for a worker: it reads the store by cursor. A short question goes through
`resident`, a worker that stays warm. Nothing here knows what a recipe does: its name is a string.
"""

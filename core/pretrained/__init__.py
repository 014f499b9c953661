"""Models that others made: which there are, where their files are, whether to open them.

Nothing of a foreign file is believed. A child process with little memory and little time reads it
first, bounded by its own size; what it finds comes back as JSON. All here is light but `models`,
which opens what was found good.
"""

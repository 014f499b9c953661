"""The files of a model that others made: where they are, what they hold, whether to open them.

Nothing of them is believed. A child process with little memory and little time reads them first,
bounded by their own size; what it finds comes back as JSON.
"""

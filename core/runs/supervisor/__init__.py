"""The one process that starts runs, looks after them, and says why one died."""

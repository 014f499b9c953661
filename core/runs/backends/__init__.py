"""Where runs are executed: one module per place, each with `submit`, `stop`, `log` and `wait`."""

"""What pages share: words, state, the graph view, the path strip, forms, progress of a run."""

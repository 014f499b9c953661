"""What sections share: words, state, changes, tables, and drawings, forms, runs, answers."""

"""PathDistill: a knowledge graph becomes a small language model that shows its path.

    graph -> questions -> teacher -> labels -> distil -> student -> verify -> answer

Each folder is one noun of that line; each file in it is one idea. Arrows never turn back:
`records`, `settings`, `errors`, `workspace` and `report` know nothing of the rest; `graph`,
`questions`, `verify` and `evaluation` run without torch; `teacher` and `student` meet only in
`distill`; `recipes` put the parts together; `jobs` run a recipe by its name in its own process.
"""

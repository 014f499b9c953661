"""The stage: one question drawn, from its topic over the hops to its answers."""

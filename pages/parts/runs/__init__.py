"""A run on a page: how far it is, what can be done with it, what can be changed in it."""

"""Drawings and charts: the graph, paths in it, bars and curves."""

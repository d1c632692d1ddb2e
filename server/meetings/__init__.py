"""Meetings of cells: planned, held, not held."""

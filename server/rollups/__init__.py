"""Counts of a committee and month, carried to the province."""

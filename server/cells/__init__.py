"""Cells (chi bộ) of a committee."""

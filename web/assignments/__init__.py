"""Assigned work on the screen: one's own, lists, one of them, a cell's board, evidence."""

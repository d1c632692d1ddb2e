"""Pages of province."""

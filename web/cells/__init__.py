"""Pages of cells."""

"""Pages of roll call."""

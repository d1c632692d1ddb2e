"""Pages of a committee about its own figures: what the province sees of it, and the yearly classification."""

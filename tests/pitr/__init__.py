"""The whole server is lost and comes back, to the end or to a moment."""

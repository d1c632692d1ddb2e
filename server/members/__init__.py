"""Members of a committee and the lists they arrive in."""

"""Work given to members: what was said of it, what that comes to, and the figures of it."""

"""Who was there: the roll of a meeting and the marks that make it."""

"""A believable province of invented people, for trying and for load."""

"""What is measured of committees, what they may have at most, and what is done to many of them."""

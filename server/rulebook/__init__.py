"""Numbers from decrees, as dated data with source and confidence."""

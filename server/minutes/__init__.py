"""Minutes on paper: taken in, cleaned, read, put together, searched and confirmed."""

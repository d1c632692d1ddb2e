"""What a province does: found committees, suspend them, read their counts."""

"""What a province tells its committees: documents with receipts, and dated rule sets."""

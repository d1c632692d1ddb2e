"""What a browser may be told while its pages are closed."""

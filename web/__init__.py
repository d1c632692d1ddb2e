"""What exists because somebody looks at it: HTTP and HTML."""

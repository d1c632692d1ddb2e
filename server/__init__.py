"""The service itself: what stays true without HTTP. One folder a feature."""

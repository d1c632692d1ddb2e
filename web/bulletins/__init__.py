"""Pages of what the province has sent to a committee."""

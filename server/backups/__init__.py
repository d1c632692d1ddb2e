"""Each committee's backup: made by night, kept for a time, proved, tried, put back."""

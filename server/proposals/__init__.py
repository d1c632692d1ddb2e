"""What a careful person would take from the text of minutes, each value with its place. Nothing is written here."""

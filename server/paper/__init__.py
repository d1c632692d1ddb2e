"""What looks at a picture of paper: pixels in, words with boxes out. Knows no committee, no database, no queue."""

"""What ``nennep doctor`` looks at: each check by itself, with a time limit, whatever else is down."""

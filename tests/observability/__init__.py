"""What is seen of a deployment from outside: its logs, its metrics, its traces; and that none of them names anybody."""

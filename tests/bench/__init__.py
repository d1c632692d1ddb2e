"""`make bench`: what this machine's servers can do at all, what the product makes of it, side by side in one run."""

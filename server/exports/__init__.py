"""A committee as one file: written, proved, restored, rehearsed; and erased, when two persons say so."""

"""The ground: everything we did not write, reached through one thin file each."""

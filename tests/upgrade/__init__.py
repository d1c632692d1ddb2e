"""A filled database of the release before this one, brought up, and both releases beside each other."""

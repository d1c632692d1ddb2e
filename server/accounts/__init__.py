"""Who is asking: accounts, what they may do where, sessions, invitations."""

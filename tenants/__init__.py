"""The walls: what makes a committee a tenant. Knows nothing of meetings.

A committee is one PostgreSQL schema and one role that may see nothing else. ``using(ref)`` says whose turn it is,
``transaction()`` opens the only door to its tables, ``later(job)`` leaves work behind in the same transaction.
"""

"""A believable province of invented people, for trying and for load.

``build`` is the way in. What the figures come from stands in ``figures.toml``, the names in ``names.toml``, the places
in ``places.toml``; ``places``, ``people``, ``meetings`` and ``attendance`` invent, ``write`` writes, ``state`` remembers.
"""

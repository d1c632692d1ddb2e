"""A believable province of invented people, for trying and for load.

``build`` is the way in. Figures and where they come from stand in ``figures.toml``, names in ``names.toml``, places in
``places.toml``. ``places``, ``people``, ``meetings``, ``attendance`` invent; ``write`` writes; ``state`` remembers.
"""

"""A whole committee as one file: written from one snapshot, proved without any database, put back, compared.

The file is a zip: ``manifest.json`` (what it is, counts, SHA-256), ``SHA256SUMS`` for the ordinary tool of that name,
``tables/`` with every table of the tenant's schema as CSV, ``platform/`` with what the platform knows of the committee,
``pages/`` with its objects. Which tables there are is read from PostgreSQL's catalogue: nothing here knows of meetings.
"""

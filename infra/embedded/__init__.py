"""PostgreSQL, Valkey and SeaweedFS from PyPI wheels, run on loopback from one folder, for trials and tests.

A deployment points the same settings at servers of its own and needs none of this.
"""

from __future__ import annotations

from .cluster import Embedded, Servers, running
from .process import ServerFailed

__all__ = ("Embedded", "ServerFailed", "Servers", "running")

"""Who serves in a grid (B)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRules(Rules):
    """Who serves in a grid (B)."""

"""How the ground is divided, and how large a grid is (A)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionRules(Rules):
    """How the ground is divided, and how large a grid is (A)."""

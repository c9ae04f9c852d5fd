"""How an issue is seen through, and by when (E)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRules(Rules):
    """How an issue is seen through, and by when (E)."""

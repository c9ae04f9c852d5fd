"""What ledgers and statistics hold (F)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRules(Rules):
    """What ledgers and statistics hold (F)."""

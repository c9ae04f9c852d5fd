"""Who sees what of people, and for how long (H)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRules(Rules):
    """Who sees what of people, and for how long (H)."""

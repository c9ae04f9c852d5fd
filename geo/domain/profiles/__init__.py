"""Regulation profiles: the rules that grids run on, as values.

A module holds the part of a profile that one capability reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from geo.domain.profiles.assessment import AssessmentRules
from geo.domain.profiles.division import DivisionRules
from geo.domain.profiles.duties import DutyRules
from geo.domain.profiles.inspections import InspectionRules
from geo.domain.profiles.issues import IssueRules
from geo.domain.profiles.posts import PostRules
from geo.domain.profiles.privacy import PrivacyRules
from geo.domain.profiles.rules import Rules, Words
from geo.domain.profiles.statistics import StatisticsRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Rules):
    """A regulation profile (制度方案).

    Attributes
    ----------
    key : str
        Name of its file, such as ``food-drug``.
    version : int
        Counts the changes of its document, from 1.
    dated : date or None
        From when its source held; None where nobody knows.
    name, source : Words
        What it is called, and what it was drawn from.
    division, posts, duties, inspections, issues, statistics, assessment, privacy
        What each capability reads.
    """

    key: str
    version: int
    dated: date | None = None
    name: Words
    source: Words
    division: DivisionRules = field(default_factory=DivisionRules)
    posts: PostRules = field(default_factory=PostRules)
    duties: DutyRules = field(default_factory=DutyRules)
    inspections: InspectionRules = field(default_factory=InspectionRules)
    issues: IssueRules = field(default_factory=IssueRules)
    statistics: StatisticsRules = field(default_factory=StatisticsRules)
    assessment: AssessmentRules = field(default_factory=AssessmentRules)
    privacy: PrivacyRules = field(default_factory=PrivacyRules)

    @property
    def post_keys(self) -> frozenset[str]:
        """The keys of its posts."""
        return frozenset(post.key for post in self.posts.posts)

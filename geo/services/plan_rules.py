"""What the rules in force say of the division that a plan draws."""

from __future__ import annotations

from datetime import date, timedelta

from geo.db.unit_of_work import UnitOfWork
from geo.domain.plan_drafts import Base
from geo.domain.profiles.division import DivisionRules
from geo.services.profiles import regimes


def division_rules(uow: UnitOfWork, base: Base, day: date) -> dict[str | None, DivisionRules]:
    """Give what holds on a day below each upper grid of a division, and in each leaf with rules of its own.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    base : Base
        The division.
    day : date
        The day in the city.

    Returns
    -------
    dict of str or None to DivisionRules
        By code; None where nothing is above. What no rule covers is left out.
    """
    ruling = regimes(uow, day, day + timedelta(days=1))
    leaves = base.tiling.cells
    own = {one.within for one in ruling if one.within} & leaves.keys()
    chains = dict(base.chains) | {code: base.chain(code, leaves[code]) for code in own}
    return {
        code: regime.profile.division
        for code, chain in chains.items()
        for regime in ruling
        if regime.covers(chain)
    }

"""The page of accounts: who may sign in, as what and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.domain.accounts import Account
from geo.domain.actors import Role
from webmap.pages.frame import Frame, render


def accounts_page(frame: Frame, accounts: Sequence[Account], grid_names: Mapping[str, str]) -> str:
    """Give the page of the accounts that the reader may manage.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    accounts : sequence of Account
        By username.
    grid_names : mapping of str to str
        What the grids of their roles are called, by code.

    Returns
    -------
    str
        HTML.
    """
    told = {
        one.username: [{"role": grant.role, "grid": grant.grid_code} for grant in one.grants]
        for one in accounts
    }
    return render(
        "accounts.html", frame, accounts=accounts, told=told, grid_names=grid_names, roles=tuple(Role)
    )

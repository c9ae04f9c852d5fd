"""The one entrance for files of every layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.exchange import Layer
from geo.services.exchange.batches import Outcome
from geo.services.exchange.division import Request, import_grids
from geo.services.exchange.intake import read_rows
from geo.services.exchange.limits import Limits
from geo.services.exchange.located import import_located
from geo.services.exchange.masks import masked_values
from geo.services.exchange.options import DivisionOptions, Options
from geo.services.exchange.people import import_people
from geo.services.exchange.progress import Progress, silent
from geo.services.exchange.tracks import import_tracks
from geo.services.privacy import Veils


def importing(layer: Layer) -> Action:
    """Give what somebody does who imports a layer."""
    return Action.IMPORT_DIVISION if layer is Layer.GRIDS else Action.IMPORT_DATA


def import_files(
    actor: Actor,
    uow: UnitOfWork,
    layer: Layer,
    paths: Sequence[Path],
    *,
    options: Options,
    limits: Limits,
    commit: bool,
    division: DivisionOptions | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Judge what files hold, and keep it, wholly or not at all, where that is asked for.

    Parameters
    ----------
    actor : Actor
        Who brings them; needs the right in the whole city.
    uow : UnitOfWork
        The transaction; without `commit` nothing is written in it.
    layer : Layer
        What the files hold.
    paths : sequence of Path
        The files: one batch.
    options : Options
        How they are to be read, and what becomes of their rows.
    limits : Limits
        How large they may be.
    commit : bool
        Whether the rows are to be kept; they are not where the outcome is `Outcome.refused`.
    division : DivisionOptions, optional
        For grids, how the division is made of them.
    progress : Progress
        Is told each stage.

    Returns
    -------
    Outcome
        The report, row by row, and the batch if there is one.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not import for the whole city.
    NotFound, UnknownFormat, Malformed, LimitExceeded, BadValue, UnknownReference
        If a file can't be read, or what was asked for doesn't exist.
    """
    actor.require(importing(layer), ())
    progress("read")
    read = read_rows(layer, paths, options, limits)
    classified = Veils(actor, uow, datetime.now(options.zone).date()).over(None).fields
    masked = masked_values(layer, read, classified)
    rows = replace(read, problems=(*read.problems, *masked))
    match layer:
        case Layer.GRIDS:
            request = Request(rows, options, division or DivisionOptions(), limits)
            return import_grids(actor, uow, request, commit=commit, progress=progress)
        case Layer.PEOPLE:
            return import_people(actor, uow, rows, options, commit=commit, progress=progress)
        case Layer.TRACKS:
            return import_tracks(actor, uow, rows, options, commit=commit, progress=progress)
        case _:
            return import_located(actor, uow, layer, rows, options, commit=commit, progress=progress)

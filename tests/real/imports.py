"""How the tests on real data bring them in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.exchange import Layer
from geo.domain.grids import Level
from geo.services.exchange.batches import Outcome
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel

DATA = Path(os.environ.get("WANGGE_REAL_DATA", "."))

XIHU = DivisionOptions(
    upper={
        Level.COMMUNITY: UpperLevel(
            code_column="CS_XZQHBM",
            name_column="cunshe",
            names=DATA / "xihu" / "communities.geojson",
            mapping={"code": "xzqhbm", "name": "cunshe"},
        ),
        Level.STREET: UpperLevel(
            code_column="ZJ_XZQHBM", name_column="zhenjie", names=DATA / "xihu" / "towns.geojson"
        ),
        Level.DISTRICT: UpperLevel(code_column="QX_XZQHBM", name_column="quxian"),
    }
)
BALTIMORE = DivisionOptions(
    level=Level.COMMUNITY, code_prefix="245101000", assign_codes=True, allow_gaps=True
)


def import_layer(
    database: Database,
    layer: Layer,
    *names: str,
    division: DivisionOptions | None = None,
    commit: bool = True,
    **options: Any,
) -> Outcome:
    paths = [DATA / name for name in names]
    with database.write() as uow:
        return import_files(
            OPERATOR,
            uow,
            layer,
            paths,
            options=Options(**options),
            limits=Limits(),
            commit=commit,
            division=division,
        )

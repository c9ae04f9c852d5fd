"""What probes are told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The state of this process."""

    status: Literal["alive", "ready"]

"""The entrance of the command line: `wangge …`, or ``python -m api …`` after the set-up."""

from __future__ import annotations

import sys

from api.cli import app
from geo.errors import GridError


def main() -> None:
    """Run the command that was asked for; what goes wrong is said in words, never as a traceback."""
    try:
        app(prog_name="wangge")
    except GridError as error:
        from api.cli.words import explain  # noqa: PLC0415 - the table is only read when something fails

        explain(error)
        sys.exit(1)


if __name__ == "__main__":
    main()

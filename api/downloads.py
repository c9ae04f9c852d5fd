"""Files that are made for whoever asks, and kept nowhere."""

from __future__ import annotations

from fastapi.responses import Response

from webmap.workbooks import MEDIA_TYPE as XLSX

MEDIA_TYPES = {"pdf": "application/pdf", "xlsx": XLSX}


def download(content: bytes, name: str, ending: str) -> Response:
    """Give a file to keep.

    Parameters
    ----------
    content : bytes
        What is in it.
    name : str
        What it is called, in letters, digits and hyphens.
    ending : str
        One of `MEDIA_TYPES`.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA_TYPES[ending], headers=headers)

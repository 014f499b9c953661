"""Exports on their way to a browser, from the disk and piece by piece.

Streamlit's own download holds a file in memory, four times over while it is sent; a student's
weights are too large for that. This route stands behind the gate like every other.
"""

from __future__ import annotations

import asyncio
from typing import Literal, get_args
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import CallerError
from core.workspace import Workspace
from gate.visitors import HEADER, Role, Visitor

KIND = "exports"

Ending = Literal["zip", "html"]
"""Of the one file that an export is."""


def address(name: str, ending: Ending = "zip") -> str:
    """Where an export is downloaded from."""
    return f"/{KIND}/{quote(name, safe='')}.{ending}"


async def _send(request: Request) -> Response:
    """Send an export to the owner, if its files are what was written."""
    if Visitor.read(request.headers[HEADER]).role is not Role.OWNER:
        return PlainTextResponse("A guest looks and asks.", 403)
    name, ending = request.path_params["name"], request.url.path.rpartition(".")[2]
    try:
        folder = await asyncio.to_thread(Workspace().open, KIND, name)
    except CallerError as error:
        return PlainTextResponse(str(error), 404)
    file = folder / f"{name}.{ending}"
    if not file.is_file():
        return PlainTextResponse("This export is another kind of file.", 404)
    return FileResponse(file, headers={"cache-control": "no-store"}, filename=file.name)


ROUTES = [Route(f"/{KIND}/{{name}}.{ending}", _send) for ending in get_args(Ending)]

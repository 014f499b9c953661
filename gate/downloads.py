"""Exports on their way to a browser, from the disk and piece by piece.

Streamlit's own download holds a file in memory, four times over while it is sent; a student's
weights are too large for that. This route stands behind the gate like every other.
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import CallerError
from core.workspace import Workspace
from gate.visitors import HEADER, Role, Visitor

KIND = "exports"


def address(name: str) -> str:
    """Where an export is downloaded from."""
    return f"/{KIND}/{quote(name, safe='')}.zip"


async def _send(request: Request) -> Response:
    """Send an export to the owner, if its files are what was written."""
    if Visitor.read(request.headers[HEADER]).role is not Role.OWNER:
        return PlainTextResponse("A guest looks and asks.", 403)
    name = request.path_params["name"]
    try:
        folder = await asyncio.to_thread(Workspace().open, KIND, name)
    except CallerError as error:
        return PlainTextResponse(str(error), 404)
    headers = {"cache-control": "no-store"}
    return FileResponse(folder / f"{name}.zip", headers=headers, filename=f"{name}.zip")


ROUTE = Route(f"/{KIND}/{{name}}.zip", _send)

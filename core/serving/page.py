"""The routes as a page to read, made from the OpenAPI document: no script, nothing from afar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi.responses import HTMLResponse

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .3rem }
code, pre { font: 14px/1.45 ui-monospace, monospace }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid #8884; padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top }
pre { overflow: auto; max-height: 30rem; padding: .8rem; background: #8881 }
"""


def page(schema: dict[str, Any]) -> HTMLResponse:
    """A page about what an OpenAPI document describes."""
    body = "".join(_parts(schema))
    title = escape(schema["info"]["title"])
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )
    headers = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}
    return HTMLResponse(html, headers=headers)


def _parts(schema: dict[str, Any]) -> Iterator[str]:
    yield f"<p>{escape(schema['info']['description'])}</p>"
    yield '<p>For programs: <a href="/openapi.json"><code>/openapi.json</code></a></p>'
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(route.get('description', ''))}</p>"
            asked = route.get("requestBody", {}).get("content", {}).get("application/json")
            if asked:
                yield from _fields(schema, asked["schema"])
    yield "<h2>Forms of requests and answers</h2>"
    written = json.dumps(schema["components"]["schemas"], indent=1, ensure_ascii=False)
    yield f"<pre>{escape(written)}</pre>"


def _fields(schema: dict[str, Any], asked: dict[str, Any]) -> Iterator[str]:
    """The fields of a request, a row each."""
    name = asked["$ref"].rpartition("/")[2]
    described = schema["components"]["schemas"][name]
    yield "<table><tr><th>field<th>what<th>needed</tr>"
    for field, about in described["properties"].items():
        needed = "yes" if field in described.get("required", ()) else ""
        told = escape(str(about.get("description", "")))
        yield f"<tr><td><code>{escape(field)}</code><td>{told}<td>{needed}</tr>"
    yield "</table>"

"""What every answer tells the browser: show us in no frame, load nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from starlette.datastructures import MutableHeaders
from streamlit import file_util


def _inline_scripts() -> str:
    """The scripts in Streamlit's own page, by their hashes: no other one in a page is run."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    return " ".join(f"'sha256-{one}'" for one in hashes)


POLICY = "; ".join(
    [
        "default-src 'self'",
        # The charts compile their expressions; the code of components comes from blobs.
        f"script-src 'self' 'unsafe-eval' blob: {_inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # With `no-referrer` a browser would hide the origin of the login form from the gate.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def protect(headers: MutableHeaders) -> None:
    """Add the headers to those of an answer, unless it brings a stricter one of its own."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)

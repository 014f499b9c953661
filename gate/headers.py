"""What every answer tells the browser: show us in no frame, load nothing from elsewhere."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

POLICY = "; ".join(
    [
        "default-src 'self'",
        # Vega compiles its expressions; components come from blobs; Streamlit's page has a script.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
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

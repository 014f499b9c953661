"""The page that asks for a password: plain HTML in two languages, nothing in it from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

LOGIN = "/login"

ICON = (Path(__file__).parents[1] / "assets" / "icon.svg").read_text(encoding="utf-8")
STYLE = (Path(__file__).parent / "login_page.css").read_text(encoding="utf-8")
_ICON_ADDRESS = f"data:image/svg+xml;base64,{base64.b64encode(ICON.encode()).decode()}"
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

TEXT = {
    "title": ("Sign in to PathDistill", "登录 PathDistill"),
    "password": ("Password", "密码"),
    "sign_in": ("Sign in", "登录"),
    "sign_in_with": ("Sign in with {provider}", "使用 {provider} 登录"),
    "somewhere_else": ("Sign in at your organisation", "使用机构账号登录"),
    "wrong": ("That is not the password.", "密码不正确。"),
    "wait": (
        "Too many wrong tries. Wait {seconds} s, then try again.",
        "错误次数过多，请在 {seconds} 秒后重试。",
    ),
    "not_you": (
        "You have signed in, but nobody has let you in here: ask the owner.",
        "您已登录，但尚未获准进入，请联系所有者。",
    ),
    "other": ("中文", "English"),
}


def preferred_language(query: str, accepted: str) -> str:
    """The language of the page: `?lang=` of the address, else the browser's first one."""
    asked = dict(parse_qsl(query)).get("lang")
    if asked in ("en", "zh"):
        return str(asked)
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


def login_page(
    path: str,
    query: str,
    language: str,
    problem: str | None = None,
    with_password: bool = True,
    providers: Sequence[tuple[str, str]] = (),
    seconds: int = 0,
) -> str:
    """The page as HTML.

    Args:
        path: Where the visitor was going, and goes after signing in.
        query: What followed the question mark there.
        language: `en` or `zh`.
        problem: `wrong`, `wait` or `not_you`, where there is one to be told.
        with_password: Whether a password is asked for.
        providers: Names and addresses of identity providers to sign in at instead.
        seconds: How long to wait.
    """
    chinese = language == "zh"

    def t(key: str, **values: object) -> str:
        return escape(TEXT[key][chinese].format(**values))

    other = {**dict(parse_qsl(query)), "lang": "en" if chinese else "zh"}
    parts = []
    if problem:
        parts.append(f'<p class="problem" role="alert">{t(problem, seconds=seconds)}</p>')
    if with_password:
        here = escape(f"{path}?{query}" if query else path)
        parts.append(
            f'<form method="post" action="{LOGIN}">'
            f'<input type="hidden" name="to" value="{here}">'
            f'<input type="hidden" name="lang" value="{language}">'
            f'<label for="password">{t("password")}</label>'
            '<input id="password" name="password" type="password" required autofocus'
            f' autocomplete="current-password"{" aria-invalid=true" if problem == "wrong" else ""}>'
            f"<button>{t('sign_in')}</button></form>"
        )
    for name, address in providers:
        words = t("somewhere_else") if name == "default" else t("sign_in_with", provider=name)
        parts.append(f'<a class="provider" href="{escape(address)}">{words}</a>')
    return (
        f'<!doctype html><html lang="{"zh-Hans" if chinese else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" href="{_ICON_ADDRESS}">'
        f"<title>{t('title')}</title><style>{STYLE}</style></head><body><main>{ICON}"
        f"<h1>{t('title')}</h1>{''.join(parts)}"
        f'<p class="language"><a href="{escape(path)}?{escape(urlencode(other))}"'
        f' lang="{other["lang"]}">{t("other")}</a></p></main></body></html>'
    )

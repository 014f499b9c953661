"""Who has signed in at an identity provider, through Streamlit's own OpenID Connect (`st.login`).

    # .streamlit/secrets.toml
    [auth]                       as Streamlit documents it: redirect_uri, cookie_secret ...
    [people]
    owner = ["ada@example.org"]
    guest = ["bob@example.org", "248289761001"]

People are named by an e-mail address that the provider has verified, or by the provider's own id
of them (`sub`). Whoever is not named does not get in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit import auth_util, config
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core.errors import SettingsError
from gate.sessions import WHOLE
from gate.visitors import Role

ROUTES = ("/auth/login", "/auth/logout", "/oauth2callback")
SHORTEST_SECRET = 32  # characters of the secret that signs the cookie


def is_set_up() -> bool:
    """Whether the secrets name an identity provider."""
    return _section("auth") is not None


def check() -> None:
    """Refuse what could let nobody in, or anybody.

    Raises:
        SettingsError: If something in the secrets is missing or too weak, or Authlib is.
    """
    files = [Path(file) for file in config.get_option("secrets.files")]
    if any(map(Path.exists, files)) and not secrets_singleton.load_if_toml_exists():
        raise SettingsError("The secrets in .streamlit/secrets.toml are not readable TOML.")
    if not is_set_up():
        return
    if not auth_util.is_authlib_installed():
        raise SettingsError(
            "Signing in at an identity provider needs Authlib: pip install -r requirements.txt."
        )
    for provider in _providers():
        try:
            auth_util.validate_auth_credentials(provider)
        except StreamlitAuthError as error:
            raise SettingsError(" ".join(str(error).split())) from error
    if len(str((_section("auth") or {}).get("cookie_secret"))) < SHORTEST_SECRET:
        raise SettingsError(
            "The cookie_secret in .streamlit/secrets.toml has fewer than {shortest_secret} "
            "characters: put a long random one there.",
            shortest_secret=SHORTEST_SECRET,
        )
    listed = [_people(role) for role in Role]
    if not any(listed):
        raise SettingsError(
            "Nobody could sign in: name people under [people] in .streamlit/secrets.toml, "
            'e.g. owner = ["ada@example.org"].'
        )


def ways() -> list[tuple[str, str]]:
    """Names of the providers, and where a browser goes to sign in there; good for two minutes.

    One without a name is called `default`.
    """
    if not is_set_up():
        return []
    token = auth_util.encode_provider_token
    return [(name, f"{ROUTES[0]}?provider={token(name)}") for name in _providers()]


def role(cookies: Mapping[str, str]) -> Role | None:
    """What the person whom Streamlit's signed cookie names may do; None for nobody we know.

    The cookie carries the time when it was signed, and counts no longer than any other session.
    """
    names = _names(_user(cookies))
    return next((role for role in Role if names & _people(role)), None)


def is_known_elsewhere(cookies: Mapping[str, str]) -> bool:
    """Whether the person has signed in at the provider, whoever it is."""
    return bool(_user(cookies))


def _user(cookies: Mapping[str, str]) -> Mapping[str, Any]:
    """What the provider says of the person whom the cookie names; empty without a valid one."""
    if not is_set_up():
        return {}
    signed = auth_util.get_cookie_with_chunks(lambda name: _opened(cookies, name), USER_COOKIE_NAME)
    try:
        user = json.loads(signed or b"{}")
    except ValueError:
        return {}
    if not isinstance(user, dict):
        return {}
    here = user.get("origin") == auth_util.get_origin_from_redirect_uri()
    return user if here and user.get("is_logged_in") is True else {}


def _providers() -> list[str]:
    section = _section("auth") or {}
    named = [name for name, value in section.items() if isinstance(value, Mapping)]
    named = [name for name in named if name != "client_kwargs"]
    return ["default", *named] if "client_id" in section or not named else named


def _names(user: Mapping[str, Any]) -> set[str]:
    """What a person may be listed as: a name with an @ is an address, and only ever that."""
    id, email = str(user.get("sub", "")), str(user.get("email", ""))
    names = {id} if id and "@" not in id else set()
    if "@" in email and user.get("email_verified") is True:
        names.add(email.casefold())
    return names


def _people(role: Role) -> set[str]:
    given = (_section("people") or {}).get(role.value, [])
    if not isinstance(given, list):
        raise SettingsError(
            "The {role} under [people] in .streamlit/secrets.toml is no list: write it like "
            '["ada@example.org"].',
            role=role,
        )
    return {str(name).casefold() if "@" in str(name) else str(name) for name in given}


def _opened(cookies: Mapping[str, str], name: str) -> bytes | None:
    if name not in cookies:
        return None
    secret = str((_section("auth") or {}).get("cookie_secret"))
    return decode_signed_value(secret, name, cookies[name], max_age_days=WHOLE / 86400)


def _section(name: str) -> Mapping[str, Any] | None:
    if not secrets_singleton.load_if_toml_exists():
        return None
    section: Mapping[str, Any] | None = secrets_singleton.get(name)
    return section

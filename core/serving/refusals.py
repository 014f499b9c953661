"""What a client is told where it gets no answer: a status and one sentence, in OpenAI's shape."""

from __future__ import annotations

from typing import Any

from core import errors

STATUS = {
    "SettingsError": 400,
    "FormatError": 500,
    "NotFound": 404,
    "NoTopic": 404,
    "Stale": 409,
    "WorkspaceError": 503,
    "WorkspaceGone": 503,
}
"""By the name of an error's class; 500 where it is none of the client's doing."""


class Refused(Exception):
    """A request that gets no answer.

    Attributes:
        status: Of HTTP.
        sentence: What was found, and what to do.
        code: A word for programs.
        retry_after: Seconds after which it is worth while to ask again.
        parameter: The field of the request that is wrong, if one is.
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        code: str,
        retry_after: int | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.code = status, sentence, code
        self.retry_after, self.parameter = retry_after, parameter

    @classmethod
    def of(cls, kind: str | None, sentence: str) -> Refused:
        """A recipe's error, by the name of its class."""
        name = kind if kind and hasattr(errors, kind) else "RunFailed"
        return cls(STATUS.get(name, 500), sentence, _snake(name))

    @property
    def body(self) -> dict[str, Any]:
        """The error as OpenAI's clients read it."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        if self.status == 429:
            kind = "rate_limit_error"
        return {
            "error": {
                "message": self.sentence,
                "type": kind,
                "param": self.parameter,
                "code": self.code,
            }
        }

    @property
    def headers(self) -> dict[str, str]:
        """When to come again, where that is known; how to say who one is, where nobody did."""
        said = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return said | ({"www-authenticate": "Bearer"} if self.status == 401 else {})


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")

"""What is called by an address (an IRI), as in RDF: names for people, and short ones for relations.

    http://example.org/resource/Ada_L.     is shown as `Ada L.`, unless it has a label
    http://example.org/ontology/birthPlace is called `birthPlace` and shown as `birth place`

The end of an address is a relation's name where no other relation ends alike: a student spells the
relations of a path, and would spell their addresses. The address stays among its aliases.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import unquote

_IRI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|urn:)\S+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def local_name(one: str) -> str:
    """What stands behind the last `#`, `/` or `:` of an IRI; empty if it is none, or ends there."""
    if not _IRI.fullmatch(one):
        return ""
    return re.split(r"[#/:]", one.rstrip("#/"))[-1]


def in_words(one: str, *, is_relation: bool = False) -> str:
    """The local name as a person would write it; empty if there is none."""
    text = unquote(local_name(one)).replace("_", " ").strip()
    return _HUMP.sub(" ", text).lower() if is_relation and text[:1].islower() else text


def short_names(relations: Iterable[str]) -> dict[str, str]:
    """Relations that are IRIs, and what they are called instead."""
    known = set(relations)
    names = {one: local_name(one).lstrip("~") for one in known}
    count = Counter([*names.values(), *(one for one in known if not names[one])])
    return {one: name for one, name in names.items() if name and count[name] == 1}

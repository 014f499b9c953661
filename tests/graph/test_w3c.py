"""The test files of the W3C for RDF, which are none of this project's: read, or refused, as told.

PATHDISTILL_W3C names the folder that holds them, one folder a format, such as
`test/data/suites/w3c` of rdflib's source archive; without it these tests are skipped.
"""

import os
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from core.errors import FormatError
from core.graph.readers.rdf import Rdf

FOLDER = Path(os.environ.get("PATHDISTILL_W3C", "no-such-folder"))
BASES = {"turtle": "TurtleTests", "trig": "TriGTests", "rdf-xml": "RDFXMLTests"}
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

BLANK = "its tail is empty"
"""RDF allows texts of nothing but blanks; as things of a graph they are left out."""

OTHERWISE = {
    "localName_with_assigned_nfc_PN_CHARS_BASE_character_boundaries": "its result is no IRI",
    "xml-canon/test001": "XML inside a text is as it was written",
}
"""What the parser reads in another way than the W3C has it."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="PATHDISTILL_W3C names no folder")


def listed_in(suite):
    """Name, kind, file and, where one is told, the file of the same facts one a line."""
    if not FOLDER.is_dir():
        return
    manifest = (FOLDER / suite / "manifest.ttl").resolve()
    said = defaultdict(dict)
    for quad in ox.parse(manifest.read_bytes(), ox.RdfFormat.TURTLE, base_iri=manifest.as_uri()):
        said[quad.subject][quad.predicate.value] = getattr(quad.object, "value", "")
    for one, values in said.items():
        if MANIFEST + "action" in values:
            name, kind = one.value.rpartition("#")[2], values[TYPE].rpartition("#")[2]
            files = (values.get(MANIFEST + part) for part in ("action", "result"))
            yield name, kind, *(file and Path(file.removeprefix("file://")) for file in files)


def cases(*, are_wrong):
    return [
        pytest.param(suite, file, result, id=f"{suite}/{name}")
        for suite in ("ntriples", "nquads", "turtle", "trig", "rdf-xml")
        for name, kind, file, result in listed_in(suite)
        if ("Negative" in kind) == are_wrong
    ]


def read(suite, file):
    """The facts and names of a file, blank nodes alike, and the facts that were left out."""
    source = Rdf(file)
    facts = {tuple(map(plain(suite, file), fact[1:])) for fact in source.triples()}
    names = {
        (plain(suite, file)(row.id), name, str(value))
        for row in source.labels({"entity": set(), "relation": set()})
        for name, value in row.values.items()
    }
    return facts, names, source.tally.findings


def plain(suite, file):
    """Ids as the W3C has them, whose files lie on its server."""
    here = "" if file.parent.name == suite else f"{quote(file.parent.name)}/"
    there = f"http://www.w3.org/2013/{BASES.get(suite, '')}/{here}"
    return lambda one: "_:" if one.startswith("_:") else one.replace("file:///", there)


def is_fact(quad):
    return bool(quad.object.value.strip())


@pytest.mark.parametrize(("suite", "file", "result"), cases(are_wrong=False))
def test_what_is_right_is_read(suite, file, result):
    try:
        facts, names, left_out = read(suite, file)
    except FormatError:  # only what no graph can be made of: NULs, or no fact about a thing
        assert b"\0" in file.read_bytes() or not any(map(is_fact, ox.parse(path=file)))
        return
    assert {one.why for one in left_out} <= {BLANK}
    if result and not any(name in file.as_posix() for name in OTHERWISE):
        assert (facts, names) == read(suite, result)[:2]


@pytest.mark.parametrize(("suite", "file", "result"), cases(are_wrong=True))
def test_what_is_wrong_is_refused_with_its_line(suite, file, result):
    with pytest.raises(FormatError) as refused:
        read(suite, file)
    # The parser of RDF/XML tells the line of a mistake of XML alone.
    assert suite == "rdf-xml" or re.search(r"\bline \d+", str(refused.value))

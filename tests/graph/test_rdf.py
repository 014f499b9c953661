"""RDF in each of its formats, plain and packed; and what such a file must not get away with."""

import gzip
import re

import pytest

from core.errors import FormatError
from core.graph.readers import packed, rdf, read_graph
from core.questions.formats import read_questions

EX = "http://example.org/"
NTRIPLES = f"""\
<{EX}r/Ada_L.> <{EX}o/birthPlace> <{EX}r/London> .
# a remark
<{EX}r/London>\t<{EX}o/population>\t"8900000"^^<http://www.w3.org/2001/XMLSchema#integer> .
<{EX}r/London> <http://www.w3.org/2000/01/rdf-schema#label> "London"@en .
<{EX}r/London> <http://www.w3.org/2000/01/rdf-schema#label> "The Smoke"@en-GB .
<{EX}r/London> <http://www.w3.org/2004/02/skos/core#prefLabel> "Лондон, город"@ru .
<{EX}r/London> <https://schema.org/alternateName> "Londinium" .
<{EX}o/birthPlace> <http://www.w3.org/2000/01/rdf-schema#label> "was born in"@en .
"""
TURTLE = f"""\
@prefix r: <{EX}r/> . @prefix o: <{EX}o/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{EX}r/Ada_L.> o:birthPlace r:London .
r:London o:population 8900000 ; rdfs:label "London"@en, "The Smoke"@en-GB ;
    skos:prefLabel "Лондон, город"@ru ; <https://schema.org/alternateName> "Londinium" .
o:birthPlace rdfs:label "was born in"@en .
"""
XML = f"""\
<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY xsd "http://www.w3.org/2001/XMLSchema#">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:o="{EX}o/"
    xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:schema="https://schema.org/"
    xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <rdf:Description rdf:about="{EX}r/Ada_L.">
    <o:birthPlace><rdf:Description rdf:about="{EX}r/London">
      <o:population rdf:datatype="&xsd;integer">8900000</o:population>
      <rdfs:label xml:lang="en">London</rdfs:label>
      <rdfs:label xml:lang="en-GB">The Smoke</rdfs:label>
      <skos:prefLabel xml:lang="ru">Лондон, город</skos:prefLabel>
      <schema:alternateName>Londinium</schema:alternateName>
    </rdf:Description></o:birthPlace>
  </rdf:Description>
  <rdf:Description rdf:about="{EX}o/birthPlace">
    <rdfs:label xml:lang="en">was born in</rdfs:label>
  </rdf:Description>
</rdf:RDF>
"""
JSON = f"""\
{{"@context": {{"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "o": "{EX}o/",
    "skos": "http://www.w3.org/2004/02/skos/core#"}},
  "@graph": [
    {{"@id": "{EX}r/Ada_L.", "o:birthPlace": {{"@id": "{EX}r/London"}}}},
    {{"@id": "{EX}r/London", "o:population": 8900000,
      "rdfs:label": [{{"@value": "London", "@language": "en"}},
                     {{"@value": "The Smoke", "@language": "en-GB"}}],
      "skos:prefLabel": {{"@value": "Лондон, город", "@language": "ru"}},
      "https://schema.org/alternateName": "Londinium"}},
    {{"@id": "{EX}o/birthPlace", "rdfs:label": {{"@value": "was born in", "@language": "en"}}}}]}}
"""
QUADS = re.sub(r" \.$", f" <{EX}g> .", NTRIPLES, flags=re.M)
TRIG = TURTLE.replace("r:London o:pop", f"<{EX}g> {{ r:London o:pop").replace(
    '"Londinium" .', '"Londinium" . }'
)
FILES = {
    "a.nt": NTRIPLES,
    "crlf.nt": NTRIPLES.replace("\n", "\r\n"),
    "a.txt": NTRIPLES,
    "a.tsv": "\ufeff" + NTRIPLES,
    "a.nq": QUADS,
    "quads.txt": QUADS,
    "a.ttl": TURTLE,
    "turtle.txt": TURTLE,
    "a.trig": TRIG,
    "a.rdf": XML,
    "a.owl": XML,
    "a.xml": XML,
    "turtle.owl": TURTLE,
    "a.jsonld": JSON,
    "a.json": JSON,
}


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def triples(graph):
    columns = zip(graph.heads, graph.relations, graph.tails, strict=True)
    return [(graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)) for h, r, t in columns]


def refused(*files):
    with pytest.raises(FormatError) as caught:
        read_graph("g", files)
    return re.sub(r"\S*/", "", str(caught.value))


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_one_graph_in_any_format(write, name, zipped):
    content = FILES[name].encode()
    file = write(f"{name}.gz", gzip.compress(content)) if zipped else write(name, content)
    graph, report = read_graph("g", [file])
    london = f"{EX}r/London"
    assert triples(graph) == [
        (f"{EX}r/Ada_L.", "birthPlace", london),
        (london, "population", "8900000"),
    ]
    entity = graph.entity(london)
    assert (graph.label(entity), graph.label(entity, "ru")) == ("London", "Лондон, город")
    assert sorted(graph.aliases(entity)) == ["Londinium", "The Smoke"]
    assert graph.label(graph.entity(f"{EX}r/Ada_L.")) == "Ada L."
    assert graph.relation_label(graph.relation("birthPlace")) == "was born in"
    assert (report.rows, report.triples, report.skipped, report.duplicates) == (7, 2, 0, 0)
    (about,) = report.files
    assert (about.kind, about.names, about.literals) == ("triples", 5, 1)


def test_relations_are_called_by_the_end_of_their_address_where_that_is_theirs_alone(write):
    facts = [("a", "x#birthPlace"), ("b", "x/name"), ("c", "y/name"), ("d", "x/z/")]
    lines = (f"<{EX}{one}> <{EX}{relation}> <{EX}London> .\n" for one, relation in facts)
    graph, _ = read_graph("g", [write("a.nt", "".join(lines))])
    assert graph.relation_ids[:4] == ("birthPlace", f"{EX}x/name", f"{EX}y/name", "z")
    assert graph.relation_label(graph.relation("birthPlace")) == "birth place"
    assert graph.find_relation(f"{EX}x#birthPlace") == graph.relation("birthPlace")
    assert graph.find_relation(f"~{EX}x#birthPlace") == graph.relation("~birthPlace")


def test_questions_may_name_a_relation_by_its_address(write):
    graph, _ = read_graph("g", [write("a.nt", NTRIPLES)])
    asked = write(
        "q.jsonl",
        f'{{"question": "Where was Ada born?", "topic": "{EX}r/Ada_L.",'
        f' "answers": ["{EX}r/London"], "path": ["{EX}o/birthPlace"]}}\n',
    )
    (question,), _ = read_questions("jsonl", [asked], graph)
    assert question.paths == (("birthPlace",),)


def test_labels_of_a_table_reach_what_rdf_calls_by_address(write):
    table = write("relations.tsv", f"relation\tlabel:de\n{EX}o/birthPlace\tgeboren in\n")
    graph, _ = read_graph("g", [table, write("a.nt", NTRIPLES)])
    assert graph.relation_label(graph.relation("birthPlace"), "de") == "geboren in"


def test_blank_nodes_of_two_files_stay_two_and_have_the_same_name_each_time(write):
    one = write("one.ttl", f"<{EX}a> <{EX}p> [ <{EX}q> <{EX}b> ] .")
    two = write("two.nt", f"<{EX}a> <{EX}p> _:x .\n_:x <{EX}q> <{EX}c> .\n")
    graph, _ = read_graph("g", [one, two])
    assert ("_:one.ttl/1", "q", f"{EX}b") in triples(graph)
    assert ("_:two.nt/1", "q", f"{EX}c") in triples(graph)
    assert read_graph("g", [one, two])[0].hash == graph.hash


def test_a_bad_line_costs_only_itself(write):
    bad = f"<{EX}a> <{EX}p> <b c> .\n<{EX}a> <{EX}p> <<( <{EX}a> <{EX}b> <{EX}c> )>> .\n"
    bad += f'<{EX}a> <{EX}p> "\\uD83D" .\n<{EX}a> <{EX}p> "" .\n'
    _, report = read_graph("g", [write("a.nt", NTRIPLES + bad)])
    assert (report.rows, report.triples, report.skipped) == (11, 2, 4)
    lines, reasons = zip(*((found.line, found.why) for found in report.findings), strict=True)
    assert lines == (9, 10, 11, 12)
    assert reasons[0] == "Invalid IRI code point ' '"
    assert reasons[1] == "it states something about a fact"
    assert "valid unicode" in reasons[2]
    assert reasons[3] == "its tail is empty"


def test_names_alone_are_no_graph_and_name_one(write):
    names = write("names.ttl", f'<{EX}b> <http://www.w3.org/2000/01/rdf-schema#label> "Bee"@en .')
    assert refused(names).startswith("None of the 1 files holds triples")
    graph, report = read_graph("g", [names, write("a.nt", f"<{EX}a> <{EX}p> <{EX}b> .\n")])
    assert graph.label(graph.entity(f"{EX}b")) == "Bee"
    assert [file.kind for file in report.files] == ["entities", "triples"]


def laughs(depth):
    inner = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(depth))
    return XML.replace("[<!ENTITY", f'[<!ENTITY e0 "ha">{inner}<!ENTITY').replace(
        ">8900000<", f">&e{depth};<"
    )


NESTED = '{"@id": "http://e/a", "http://e/p": ' * 5000 + "1" + "}" * 5000
DEEP = f"{XML.partition('<rdf:Desc')[0]}{'<rdf:Description><o:p>' * 60}"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.ttl", "@prefix e: <http://e/> .\ne:a e:b oops .\n", "a.ttl is not Turtle as it claims"),
        ("a.ttl", "", "a.ttl is empty."),
        ("a.ttl", "# only a remark\n", "a.ttl holds no statement."),
        ("a.ttl", '<http://e/a> <http://e/p> "x', "a.ttl is not Turtle as it claims to be: line 1"),
        ("a.ttl", '<http://e/a> <http://e/p> " " .', "1 of 1 statements cannot be read as triples; "
         "the first, because its tail is empty (found: "),
        ("a.ttl", b"<\0", "a.ttl, line 1: not text; save it as UTF-8 text."),
        ("a.nt", "oops\n<http://e/a> oops\n", "a.nt: 2 of 2 rows cannot be read as triples; the"),
        ("a.jsonld", '{"@context": "http://127.0.0.1:1/", "name": "x"}', "its @context is elsewh"),
        ("a.jsonld", '{"@context": "file:///etc/passwd", "name": "x"}', "and nothing is fetched"),
        ("a.jsonld", '{"@context": {"a": "b:x", "b": "a:y"}, "a": 1}', "Cyclic IRI mapping."),
        ("a.jsonld", "{", "a.jsonld is not JSON in UTF-8 text: "),
        ("a.jsonld", '{"@id": "http://e/a", "http://e/p": "\\ud83d"}', "it holds half a character"),
        ("a.jsonld", '{"@id": "http://e/a"}', "a.jsonld holds no statement."),
        ("a.jsonld", NESTED, "a.jsonld i"),
        ("a.rdf", DEEP, "a.rdf nests more than 100 levels deep."),
        ("a.rdf", "<rdf:RDF", "a.rdf is not XML in UTF-8 text: "),
        ("a.rdf", laughs(9), "the entity 'e1' is elsewhere, holds others or is long; write"),
        ("a.rdf", XML.replace('"http://www.w3.org/2001/XMLSchema#"', 'SYSTEM "file:///etc/passwd"'),
         "the entity 'xsd' is elsewhere"),
        ("a.rdf", XML.replace("XMLSchema#", "x" * 300), "the entity 'xsd' is elsewhere, holds "),
        ("a.nt.gz", gzip.compress(NTRIPLES.encode())[:60], "damaged or cut short: "),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_in_a_sentence(write, name, content, sentence):
    assert sentence in refused(write(name, content))


def test_a_packed_file_that_becomes_too_large_is_refused(write, monkeypatch):
    monkeypatch.setattr(packed, "FREE", 100_000)
    monkeypatch.setattr(packed, "MOST_PACKED", 10)
    bomb = write("bomb.nt.gz", gzip.compress(f"<{EX}a> <{EX}p> <{EX}b> .\n".encode() * 20_000))
    assert "bytes when it is unpacked: unpack it yourself" in refused(bomb)


def test_a_tag_without_an_end_is_refused(write, monkeypatch):
    monkeypatch.setattr(rdf, "LONGEST_TAG", 1_000_000)
    said = refused(write("a.rdf", XML.replace("<rdf:Desc", "<" + "x" * 3_000_000, 1)))
    assert said == "a.rdf, line 6: more than 1,000,000 bytes without an end."

import json
import re

import pytest

from core.errors import FormatError
from core.graph.readers import read_graph
from core.graph.readers.preview import preview
from tests.family_graph import ENTITIES, TRIPLES, write_family


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


def refused(*files, columns=""):
    with pytest.raises(FormatError) as caught:
        read_graph("g", files, columns)
    return re.sub(r"\S*/", "", str(caught.value))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kb.tsv", "a\tr\tb\nb\tr\tc, d\n"),
        ("kb.txt", "a|r|b\nb|r|c, d\n"),
        ("kb.csv", 'a,r,b\nb,r,"c, d"\n'),
        ("header.tsv", "head\trelation\ttail\na\tr\tb\nb\tr\tc, d\n"),
        ("header.csv", 'Subject,Predicate,Object\na,r,b\nb,r,"c, d"\n'),
        ("turned.tsv", "tail\trelation\thead\nb\tr\ta\nc, d\tr\tb\n"),
        ("more.tsv", "head\trelation\ttail\tsource\na\tr\tb\tx\nb\tr\tc, d\ty\n"),
        ("bom.tsv", "\ufeffhead\trelation\ttail\na\tr\tb\nb\tr\tc, d\n"),
        ("crlf.tsv", "a\tr\tb\r\nb\tr\tc, d\r\n"),
        ("blanks.tsv", "\n a \tr\tb\n\nb\tr\tc, d\n\n"),
        ("trailing.tsv", "a\tr\tb\t\nb\tr\tc, d\t\n"),
        ("no_newline.tsv", "a\tr\tb\nb\tr\tc, d"),
        ("windows.tsv", "head\trelation\ttail\r\na\tr\tb\r\nb\tr\tc, d\r\n".encode("utf-16")),
        ("big_endian.csv", b"\xfe\xff" + 'a,r,b\nb,r,"c, d"\n'.encode("utf-16-be")),
        ("macintosh.tsv", "a\tr\tb\rb\tr\tc, d\r"),
        ("nlpcc.kb", "a ||| r ||| b\nb ||| r ||| c, d\n"),
        ("colons.txt", "a::r::b\nb::r::c, d\n"),
        ("remarks.tsv", "# mine\n#made 2024\na\tr\tb\nb\tr\tc, d\n"),
        ("excel.csv", 'sep=;\na;r;b\nb;r;"c, d"\n'),
        ("excel_tab.csv", '"sep=\t"\na\tr\tb\nb\tr\tc, d\n'),
        ("pandas.csv", ',head,relation,tail\n0,a,r,b\n1,b,r,"c, d"\n'),
        ("pandas_unnamed.csv", '0,1,2\na,r,b\nb,r,"c, d"\n'),
        ("pandas_both.csv", ',0,1,2\n0,a,r,b\n1,b,r,"c, d"\n'),
        ("pandas_bare.csv", '0,a,r,b\n1,b,r,"c, d"\n'),
        ("r.csv", '"","head","relation","tail"\n"1","a","r","b"\n"2","b","r","c, d"\n'),
        ("spark.csv", 'head,relation,tail\na,r,b\n"b","r","c, d"\n'),
    ],
)
def test_triples_in_any_dress(write, name, content):
    graph, report = read_graph("g", [write(name, content)])
    assert triples(graph) == [("a", "r", "b"), ("b", "r", "c, d")]
    assert (report.rows, report.triples, report.skipped) == (2, 2, 0)


@pytest.mark.parametrize(
    "header",
    [
        "h r t", "s p o", "from relation to", "from_id relation to_id", "start type end",
        "Head_ID Relation_ID Tail_ID", ":START_ID :TYPE :END_ID", "_start _type _end",
        ":START_ID(Person) :TYPE :END_ID(Film)", "x_index relation y_index", "node1 label node2",
        "id1 label id2", "src rel dst", "Head-Entity relation Tail-Entity",
        "from_node edge to_node",
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0)])
@pytest.mark.parametrize("separator", "\t,;|")
def test_a_header_is_never_a_triple_in_any_order(write, header, order, separator):
    rows = [header.split(), ["a", "r", "b"], ["b", "r", "c"]]
    rows = [[row[at] for at in order] for row in rows]
    graph, report = read_graph("g", [write("x.csv", "\n".join(map(separator.join, rows)))])
    assert triples(graph) == [("a", "r", "b"), ("b", "r", "c")]
    assert report.skipped == 0


def test_a_small_graph_of_letters_has_no_header(write):
    graph, _ = read_graph("g", [write("kb.tsv", "x\tr\ty\ny\tr\tz\n")])
    assert triples(graph) == [("x", "r", "y"), ("y", "r", "z")]


def test_further_columns_stand_beside_the_three(write):
    neo4j = 'a,"Nemo",b,ACTED_IN\n'
    graph, _ = read_graph("g", [write("rels.csv", ":START_ID,role,:END_ID,:TYPE\n" + neo4j)])
    assert triples(graph) == [("a", "ACTED_IN", "b")]
    kgtk = "id\tnode1\tlabel\tnode2\ne1\tQ1\tP31\tQ2\n"
    graph, _ = read_graph("g", [write("kgtk.tsv", kgtk)])
    assert triples(graph) == [("Q1", "P31", "Q2")]


@pytest.mark.parametrize(
    "table",
    [
        'personId:ID,name,born:int,:LABEL\na,"Ay, first",1964,Person\n',
        'id;name\na;"Ay, first"\n',
        "mid\ttitle\na\tAy, first\n",
        "id\tlabel@en\na\tAy, first\n",
        "id\tlabel\tname\na\tAy, first\tA\n",
    ],
)
def test_tables_of_names_are_known_by_what_they_call_their_columns(write, table):
    graph, _ = read_graph("g", [write("kb.tsv", "a\tr\tb\n"), write("names.csv", table)])
    assert graph.label(graph.entity("a"), "en") == "Ay, first"


def test_a_separator_inside_quotes_is_one_in_csv_only(write):
    graph, _ = read_graph("g", [write("kb.tsv", '"X ""Y"""\tr\tit said "no\n')])
    assert triples(graph) == [('X "Y"', "r", 'it said "no')]
    graph, _ = read_graph("g", [write("kb.tsv", '"Washington, D.C."\tin\t\ufeffUSA\n')])
    assert triples(graph) == [("Washington, D.C.", "in", "USA")]
    graph, _ = read_graph("g", [write("kb.csv", 'a,r,"two\nlines, ""quoted"""\n')])
    assert triples(graph) == [("a", "r", 'two\nlines, "quoted"')]


def test_blanks_separate_rows_of_three_words(write):
    graph, _ = read_graph("g", [write("wn.txt", "a r b\nb r c\n")])
    assert triples(graph) == [("a", "r", "b"), ("b", "r", "c")]
    assert refused(write("prose.txt", "a r b\nnot a row\nof three words it is\n")).endswith(
        "prose.txt: no columns separated by tab, comma, ';' or '|' in its first lines."
    )


@pytest.mark.parametrize(
    ("bad", "line", "why"),
    [
        (
            'b,r,"Rock"and"Roll"\n',
            2,
            "text stands behind a closing quote; a quote inside a cell is",
        ),
        ('b,r,"closed by the next\nd,r,"e"\n', 2, "text stands behind a closing quote; a quote"),
        ("b,r,c\rd\n", 2, "a line break stands in a cell that has no quotes around it"),
    ],
)
def test_a_row_whose_quotes_do_not_fit_costs_only_itself(write, bad, line, why):
    graph, report = read_graph("g", [write("x.csv", "a,r,b\n" + bad + 'd,r,"e"\nf,r,"g,\nh"\n')])
    assert triples(graph) == [("a", "r", "b"), ("d", "r", "e"), ("f", "r", "g,\nh")]
    ((found, said),) = [(f.line, f.why) for f in report.findings]
    assert (found, said[: len(why)]) == (line, why)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_half_a_character_costs_its_row(write, name):
    rows = "a\tr\tb\nc\tr\tsmile \ud83d\nd\tr\tsmile \U0001f600\n".encode("utf-8", "surrogatepass")
    rows = rows.replace(b"\t", b",") if name.endswith("csv") else rows
    graph, report = read_graph("g", [write(name, rows)])
    assert triples(graph) == [("a", "r", "b"), ("d", "r", "smile \U0001f600")]
    ((line, found, why),) = [(f.line, f.found, f.why) for f in report.findings]
    assert (line, found) == (2, "c | r | smile \ufffd") and why.startswith("half a character")


def test_quotes_that_a_database_escaped_are_quotes(write):
    graph, report = read_graph("g", [write("x.csv", 'a,r,"He said \\"hi, you\\""\nc,r,"d\\e"\n')])
    assert triples(graph) == [("a", "r", 'He said "hi, you"'), ("c", "r", "d\\e")]
    assert report.skipped == 0


def test_a_return_inside_a_cell_of_a_tsv_belongs_to_it(write):
    graph, _ = read_graph("g", [write("x.tsv", "a\tr\tone\rtwo\nb\tr\tc\n")])
    assert triples(graph) == [("a", "r", "one\rtwo"), ("b", "r", "c")]


FACTS = "a\tr\tb\nb\tr\tc\nc\tr\td\n"


@pytest.mark.parametrize(
    "table",
    [
        "a\tAy\nb\tBe\n",
        "a\tAy\tthe first\nb\tBe\tthe second\nx\tEx\tof nothing\n",
        ",id,name\n0,a,Ay\n",
    ],
)
def test_labels_need_no_header_where_they_begin_with_ids(write, table):
    graph, report = read_graph("g", [write("names.tsv", table), write("kb.tsv", FACTS)])
    assert (graph.triple_count, graph.label(graph.entity("a"), "en")) == (3, "Ay")
    assert [file.kind for file in report.files] == ["entities", "triples"]


def test_labels_and_facts_without_header_are_told_apart_where_nothing_repeats(write):
    facts = write("kb.tsv", "a\tr\tb\nb\ts\tc\nc\tt\td\n")
    names = write("names.tsv", "b\tBe\tone letter\nc\tSee\tlike sea\nx\tEx\tof nothing\n")
    for files in ([facts, names], [names, facts]):
        graph, _ = read_graph("g", files)
        assert (graph.triple_count, graph.label(graph.entity("b"), "en")) == (3, "Be")


def test_a_second_file_of_facts_is_no_table_of_labels(write):
    more = write("more.tsv", "a\tborn\t1990\nb\tr\t1991\nc\tdied\t1992\n")
    assert read_graph("g", [write("kb.tsv", FACTS), more])[0].triple_count == 6


def test_rows_without_an_edge_name_their_entity(write):
    mixed = (
        '"_id","_labels","name","title","_start","_end","_type"\n'
        '"0",":Movie","","The Grid",,,\n"1",":Person","Kim","",,,\n,,,,"1","0","ACTED_IN"\n'
    )
    graph, report = read_graph("g", [write("apoc.csv", mixed)])
    assert triples(graph) == [("1", "ACTED_IN", "0")]
    assert [graph.label(graph.entity(one)) for one in "01"] == ["The Grid", "Kim"]
    assert (report.rows, report.skipped, report.files[0].names) == (3, 0, 2)
    assert report.duplicates == 0


TURNED = "a\tb\tr\nc\tb\tr\nc\td\tr\n"


@pytest.mark.parametrize(
    ("content", "doubt"),
    [
        (TURNED, "columns"),
        ("0,1,2\n1,1,2\n0,0,1\n", "columns"),
        ("r\ta\tb\nr\tc\td\n", "columns"),
        ("head\trelation\ttail\n" + TURNED, ""),
        (FACTS, ""),
    ],
)
def test_columns_that_cannot_be_told_apart_are_doubted(write, content, doubt):
    file = write("kb.tsv", content)
    assert read_graph("g", [file])[1].files[0].doubt == doubt
    (seen,) = preview([file])
    assert (seen.file, seen.doubt) == ("kb.tsv", doubt)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (TURNED, "1,3,2"),
        ("who\twhom\thow\n" + TURNED, "who, how, whom"),
        ("0\tb\tr\ta\n1\tb\tr\tc\n2\td\tr\tc\n", "4,3,2"),
        ("head\ttail\trelation\n" + TURNED, "1,3,2"),
        ("tail\trelation\thead\n" + TURNED, "tail,head,relation"),
    ],
)
def test_a_person_says_which_column_is_which(write, content, columns):
    files = [write("kb.tsv", content), write("names.tsv", "id\tlabel\na\tAy\n")]
    graph, report = read_graph("g", files, columns)
    assert set(triples(graph)) == {("a", "r", "b"), ("c", "r", "b"), ("c", "r", "d")}
    assert (graph.label(graph.entity("a")), report.skipped) == ("Ay", 0)
    assert [file.doubt for file in report.files] == ["", ""]
    seen = preview(files, columns, count=2)
    assert [one.facts for one in seen] == [(("a", "r", "b"), ("c", "r", "b")), ()]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ("1,2", "'1,2' does not say which columns are head, relation and tail: give three"),
        ("1,1,2", "'1,1,2' does not say which columns"),
        ("0,1,2", "'0,1,2' does not say which columns"),
        ("1,2,4", "kb.tsv has 3 columns in line 1, and no column 4."),
        ("who,how,whom", "None of the files has the columns 'who,how,whom'."),
    ],
)
def test_columns_that_are_not_there_are_refused(write, columns, sentence):
    assert refused(write("kb.tsv", FACTS), columns=columns).startswith(sentence)


def test_a_preview_reads_no_further_than_it_must(write):
    file = write("kb.tsv", FACTS * 1000 + "bad\n" * 9000)
    (seen,) = preview([file], count=1)
    assert seen.facts == (("a", "r", "b"),)
    with pytest.raises(FormatError, match="9000 of 12000 rows"):
        read_graph("g", [file])


def test_a_table_of_labels_that_name_nothing_is_told(write):
    names = write("names.tsv", "id\tlabel\nm.a\tAy\nm.b\tBe\n")
    _, report = read_graph("g", [write("kb.tsv", FACTS), names])
    assert [file.doubt for file in report.files] == ["", "ids"]


def test_several_files_with_labels(tmp_path):
    graph, report = read_graph("family", write_family(tmp_path))
    assert triples(graph) == sorted(TRIPLES)
    assert [graph.label(graph.entity(row[0]), "zh") for row in ENTITIES] == [
        row[2] for row in ENTITIES
    ]
    assert graph.relation_label(graph.relation("spouse"), "zh") == "配偶"
    assert graph.aliases(graph.entity("bob")) == ("Bobby", "The Captain")
    assert [(f.file, f.kind, f.separator, f.rows) for f in report.files] == [
        ("triples.tsv", "triples", "tab", 19),
        ("entities.tsv", "entities", "tab", 11),
        ("relations.tsv", "relations", "tab", 4),
    ]


def test_the_report_describes_the_graph(tmp_path):
    _, report = read_graph("family", write_family(tmp_path))
    assert (report.rows, report.triples, report.duplicates, report.skipped) == (19, 19, 0, 0)
    assert (report.dangling, report.dangling_examples) == (1, ("zed",))
    assert (report.unlabelled_entities, report.unlabelled_relations) == (0, 0)
    assert report.self_loops == 1
    assert (report.degree_max, report.degree_median) == (7, 3.0)
    assert [(hub.id, hub.degree) for hub in report.hubs[:2]] == [("bob", 7), ("carl", 7)]
    assert [(r.id, r.triples) for r in report.relations] == [
        ("child", 6),
        ("friend", 5),
        ("nationality", 5),
        ("spouse", 3),
    ]
    assert report.namesakes == 1
    assert report.namesake_examples[0].entities == ("ann", "ann2")
    assert report.namesake_examples[0].label == "Ann Berg"
    json.dumps(report.as_record(), allow_nan=False)


def test_id_tables_label_what_their_ids_match(write):
    kb = write("kb.tsv", "a\tr1\tb\nb\tr2\tc\n")
    things = write("things.csv", "id,label,aliases\na,Ay,A|First\nc,Cee,\n")
    links = write("links.csv", "id,label\nr1,关系一\nr2,关系二\n")
    graph, report = read_graph("g", [links, things, kb])
    assert (graph.label(graph.entity("a")), graph.aliases(graph.entity("a"))) == (
        "Ay",
        ("A", "First"),
    )
    assert graph.languages == ("en", "zh")
    assert graph.relation_label(graph.relation("r2"), "zh") == "关系二"
    assert [f.kind for f in report.files] == ["relations", "entities", "triples"]
    assert (report.unlabelled_entities, report.unlabelled_relations) == (1, 0)


def test_tables_of_one_language_each_are_merged_and_clashes_reported(write):
    kb = write("kb.tsv", "a\tr\tb\n")
    english = write("en.tsv", "entity\tlabel:en\na\tAy\nb\tBee\n")
    chinese = write("zh.tsv", "entity\tlabel:zh\tlabel:en\na\t甲\t\nb\t乙\tBe\n\t丙\tSee\na\n")
    with pytest.raises(FormatError, match="3 of 4 rows|2 of 4 rows"):
        read_graph("g", [kb, write("bad.tsv", "entity\tlabel\n\tx\n\ty\n\tz\na\tAy\n")])
    graph, report = read_graph("g", [kb, english, chinese])
    assert graph.label(graph.entity("a"), "zh") == "甲"
    assert graph.label(graph.entity("b"), "zh") == "Bee"
    assert [(f.line, f.why) for f in report.findings] == [
        (4, "its id is empty"),
        (5, "it has 1 columns, expected 3"),
        (3, "'b' has another label:en in a row before"),
    ]


def test_ids_with_a_key_behind_show_their_name(write):
    graph, report = read_graph("g", [write("kb.tsv", "海王星 ||| 12\t别称\t海龙 ||| 3\n")])
    assert graph.label(graph.entity("海王星 ||| 12"), "zh") == "海王星"
    assert graph.languages == ("zh",)
    assert report.unlabelled_entities == 0


def test_bad_rows_are_skipped_and_say_why(write):
    good = "".join(f"e{n}\tr\tf{n}\n" for n in range(5))
    bad = "a\tr\n\tr\tb\na\t\tb\na\t~r\tb\n"
    graph, report = read_graph("g", [write("kb.tsv", good + bad + "e0\tr\tf0\n")])
    assert (report.rows, report.triples, report.duplicates, report.skipped) == (10, 5, 1, 4)
    assert graph.triple_count == 5
    assert [(f.file, f.line, f.found, f.why) for f in report.findings] == [
        ("kb.tsv", 6, "a | r", "it has 2 columns, expected 3"),
        ("kb.tsv", 7, " | r | b", "its head is empty"),
        ("kb.tsv", 8, "a |  | b", "its relation is empty"),
        ("kb.tsv", 9, "a | ~r | b", "its relation begins with '~', which marks inverses"),
    ]


def test_only_the_first_findings_are_kept_but_all_are_counted(write):
    rows = "".join(f"e{n}\tr\tf{n}\n" for n in range(60)) + "a\tb\n" * 50
    _, report = read_graph("g", [write("kb.tsv", rows)])
    assert (report.skipped, len(report.findings)) == (50, 20)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "kb.tsv is empty."),
        ("\n\n", "kb.tsv: no columns separated by tab, comma, ';' or '|' in its first lines."),
        ("just prose\n", "kb.tsv: no columns separated by tab, comma, ';' or '|' in its first "
         "lines."),
        ("head\trelation\ttail\n", "kb.tsv holds a header and no rows."),
        (b"a\tr\tb\nc\tr\t\xe9t\xe9\n", "kb.tsv, line 2: byte 5 of the line (0xe9) is not UTF-8; "
         "save the file as UTF-8."),
        (b"a\tr\tb\n\0\1\2", "kb.tsv, line 2: not text; save it as UTF-8 text."),
        ("a\tr\tb\n".encode("utf-16")[:-1], "kb.tsv begins as UTF-16 and is not: 'utf-16-le' codec "
         "can't decode byte 0x0a in position 0: truncated data; save it as UTF-8 text."),
        ("a\tr\tb\n".encode("utf-16-le"), "kb.tsv, line 1: not text; save it as UTF-8 text."),
        ("海，属于，洋\n河，属于，水\n", "kb.tsv: what stands between its columns are full-width "
         "commas; write a comma or a tab there."),
        ("a\tb\nc\td\ne\tr\tf\n", "kb.tsv: 2 of 3 rows cannot be read as triples; the first is "
         "line 1, it has 2 columns, expected 3 (found: 'a | b')."),
        ("a\t~r\tb\n", "kb.tsv: 1 of 1 rows cannot be read as triples; the first is line 1, its "
         "relation begins with '~', which marks inverses (found: 'a | ~r | b')."),
        ("entity\tborn\na\t1\n", "kb.tsv, line 1: the header 'entity, born' has no column of "
         "labels; call it 'label', 'label:en' or 'label:zh'."),
        ("a,r,b\nb,\"r,c\nb\n", "kb.tsv: 2 of 3 rows cannot be read as triples; the first is "
         "line 2, a quote opens a cell and nothing closes it (found: 'b,\"r,c')."),
    ],
)  # fmt: skip
def test_what_is_no_graph_is_refused_in_a_sentence(write, content, sentence):
    assert refused(write("kb.tsv", content)) == sentence


def test_missing_files_and_folders_are_refused(tmp_path):
    assert refused(tmp_path / "none.tsv") == "none.tsv cannot be read: No such file or directory."
    assert refused(tmp_path).endswith(" is a folder: give a file.")


def test_a_table_without_rows_is_refused(write):
    files = write("kb.tsv", "a\tr\tb\n"), write("labels.tsv", "entity\tlabel\n")
    assert refused(*files) == "labels.tsv holds a header and no rows."


def test_labels_alone_are_no_graph(write):
    labels = write("labels.tsv", "entity\tlabel\na\tAy\n")
    assert refused(labels) == (
        "None of the 1 files holds triples: give one with three columns, head, relation and tail."
    )


def test_a_table_of_more_columns_than_any_has_is_refused(write):
    columns = "\t".join(f"label:x{number}" for number in range(1000))
    said = refused(write("kb.tsv", "a\tr\tb\n"), write("labels.tsv", f"id\t{columns}\n"))
    assert said == "labels.tsv, line 1: 1,001 columns, of at most 1,000."


def test_a_line_or_a_cell_without_end_is_refused(write):
    line = write("kb.tsv", "a\tr\tb\na\tr\t" + "x" * 2_000_000 + "\n")
    assert refused(line).startswith("kb.tsv, line 2: it is longer than 1,048,576 bytes;")
    lines = ("y" * 1000 + "\n") * 1100
    cell = write("kb.csv", f'a,r,b\na,r,"{lines}"\n')
    assert "the first is line 2, a quote opens a cell and nothing closes it within" in refused(cell)
    graph, _ = read_graph("g", [write("long.tsv", f"a\tr\t{'x' * 500_000}\n")])
    assert graph.triple_count == 1

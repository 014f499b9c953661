import gzip
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.formats import read_questions
from core.records import Question

GRAPH = KnowledgeGraph.build(
    "kin",
    [
        ("ann", "child", "carl"),
        ("ann", "child", "dora"),
        ("carl", "born_in", "oslo_(norway)"),
        ("dora", "born_in", "lima"),
        ("安", "国籍", "挪威 ||| 7"),
        ("安", "国籍", "秘鲁 ||| 8"),
    ],
)


@pytest.fixture
def read(tmp_path):
    def reading(format, text, name="kin.txt"):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        return read_questions(format, [tmp_path / name], GRAPH)

    return reading


def reasons(report):
    return [(finding.line, finding.why) for finding in report.findings]


# --- what is read -------------------------------------------------------------------------------


def test_pathquestion(read):
    questions, report = read(
        "pathquestion",
        "where was ann 's child born ?\tlima(lima/oslo_(norway)/)\t"
        "ann#child#dora#born_in#lima#<end>#lima\n\n"
        "ann 's child 's birthplace ?\toslo_(norway)(lima/oslo_(norway)/)\t"
        "ann#child#carl#born_in#oslo_(norway)\n",
    )
    path = ("child", "born_in")
    assert questions == (
        Question(
            "kin@0",
            "where was ann 's child born ?",
            "en",
            ("ann",),
            ("lima", "oslo_(norway)"),
            (path,),
            "",
            "ann child born_in",
        ),
        Question(
            "kin@2",
            "ann 's child 's birthplace ?",
            "en",
            ("ann",),
            ("lima", "oslo_(norway)"),
            (path,),
            "",
            "ann child born_in",
        ),
    )
    assert (report.read, report.kept, report.skipped, report.findings) == (2, 2, 0, ())


def test_metaqa_text_loses_its_brackets(read):
    (question,), _ = read("metaqa", "who are [ann]'s children\tdora|carl\n")
    assert question == Question(
        "kin@0", "who are ann's children", "en", ("ann",), ("dora", "carl"), (), "", "ann carl dora"
    )


def test_metaqa_json_walks_relations_back(read):
    row = {"question": "dora's mother", "topic_entity": "dora", "answers": ["ann"], "qtype": "x"}
    (question,), _ = read("metaqa", json.dumps({**row, "relation_path": ["~child"]}))
    assert question.paths == (("~child",),)
    assert question.group == "dora ~child"


def test_nlpcc_mh_asks_for_all_that_its_path_reaches(read):
    rows = [{"q": "安的国籍？", "path": [["安", "国籍", "秘鲁 ||| 8"]]}]
    (question,), _ = read("nlpcc-mh", json.dumps(rows))
    assert question.id == "kin@0"
    assert question.language == "zh"
    assert set(question.answers) == {"秘鲁 ||| 8", "挪威 ||| 7"}
    assert question.paths == (("国籍",),)


CUP = KnowledgeGraph.build(
    "cup",
    [
        ("alan", "plays_in_club", "tigres"),
        ("alan", "plays_position", "forward"),
        ("jose", "plays_in_club", "tigres"),
        ("jose", "plays_position", "defender"),
        ("tigres", "is_in_country", "mexico"),
        ("tigres", "plays_in_club_inverse", "alan"),
        ("tigres", "plays_in_club_inverse", "jose"),
        ("forward", "plays_position_inverse", "alan"),
    ],
)

BOTH = "forward#plays_position_inverse#alan#<end>#alan*tigres#plays_in_club_inverse#alan#<end>#alan"


def test_wc2014(tmp_path):
    rows = [
        "who plays in tigres ?\tjose\ttigres#plays_in_club_inverse#jose#<end>#jose\talan/jose/\t"
        "tigres#plays_in_club_inverse#jose///jose#plays_in_club#tigres",
        "where is the club of alan ?\tmexico\t"
        "alan#plays_in_club#tigres#is_in_country#mexico\tmexico/\talan#plays_in_club#tigres",
        f"who plays forward at tigres ?\talan\t{BOTH}\talan/\tx#r#y\tforward/tigres/",
    ]
    (tmp_path / "WC.txt").write_text("\n".join(rows))
    (one, two, both), report = read_questions("wc2014", [tmp_path / "WC.txt"], CUP)
    assert (one.topics, one.answers, one.paths) == (
        ("tigres",),
        ("alan", "jose"),
        (("plays_in_club_inverse",),),
    )
    assert two.paths == (("plays_in_club", "is_in_country"),)
    assert both == Question(
        "WC@2",
        "who plays forward at tigres ?",
        "en",
        ("forward", "tigres"),
        ("alan",),
        (("plays_position_inverse",), ("plays_in_club_inverse",)),
        "",
        "forward tigres plays_position_inverse plays_in_club_inverse",
    )
    assert (report.read, report.kept, report.findings) == (3, 3, ())


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("who ?\tann\tann#child#dora\tdora/", "it has 4 columns between tabs instead of 5 or 6"),
        ("who ?\tdora\tann#child#dora\t\tx", "it has 5 columns between tabs, of the first 4 one"),
        ("who ?\tdora\tann#child#dora*ann\tdora/\tx", "its path is not entity#relation#entity"),
    ],
)
def test_a_bad_wc2014_row_is_skipped(read, row, why):
    _, report = read("wc2014", row + "\nwho ?\tdora\tann#child#dora\tdora/\tx\n")
    ((line, said),) = reasons(report)
    assert (line, said.startswith(why)) == (1, True)


def test_a_minimal_json_row(read):
    (question,), _ = read(
        "jsonl", '{"question": "谁？", "topic": "ann", "answer": "dora", "path": ["child"]}'
    )
    assert question == Question(
        "kin@0", "谁？", "zh", ("ann",), ("dora",), (("child",),), "", "ann child"
    )


def test_our_own_lines_come_back_unchanged(read):
    whole = Question("7", "Who?", "fr", ("ann",), ("dora",), (("child",),), "dev", "mine")
    (question,), _ = read("jsonl", json.dumps(asdict(whole)))
    assert question == whole


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(read):
    (question,), _ = read("metaqa", b"\xef\xbb\xbfwho are [ann]'s children\tdora\r\n")
    assert (question.text, question.answers) == ("who are ann's children", ("dora",))


def test_files_of_one_name_get_ids_of_their_own(tmp_path):
    for folder in ("1-hop", "2-hop"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "dev.txt").write_text("who is [ann]\tdora\n")
    files = [tmp_path / "1-hop/dev.txt", tmp_path / "2-hop/dev.txt"]
    questions, _ = read_questions("metaqa", files, GRAPH)
    assert [question.id for question in questions] == ["1-hop/dev@0", "2-hop/dev@0"]


def anew(row):
    return {key: value for key, value in row.items() if key not in ("topic", "answers")}


def test_json_that_means_the_same_is_read_the_same(read):
    rows = [
        {"id": "7", "question": "Who?", "topic": "ann", "answers": ["dora"], "path": ["child"]},
        {"question": "Which?", "topic": "ann", "answers": ["dora"]},
    ]
    lines, _ = read("jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for text in (
        json.dumps(rows),
        "\ufeff \n" + json.dumps(rows, indent=2),
        "\n".join(json.dumps(row, indent=2) for row in rows),
        ",\n".join(map(json.dumps, rows)) + ",\n",
        json.dumps(rows).encode("utf-16"),
        gzip.compress(json.dumps(rows).encode()),
        json.dumps([{**rows[0], "id": 7.0, "path": "child", "answers": "dora"}, rows[1]]),
        json.dumps([{"q_entity": "ann", "a_entity": ["dora"], **row} for row in map(anew, rows)]),
        json.dumps([{**rows[0], "id": 7}, {**rows[1], "path": None, "id": None, "split": None}]),
    ):
        assert read("jsonl", text)[0] == lines
    bad, report = read("jsonl", json.dumps([1, rows[0], {**rows[1], "topic": True}]))
    assert [question.id for question in bad] == ["7"]
    assert [line for line, _ in reasons(report)] == [1, 3]
    graph = KnowledgeGraph.build("years", [("film", "year", "1999")])
    assert tied_answers(graph, 1999) == tied_answers(graph, "1999") == ("1999",)


def tied_answers(graph, answer):
    row = {"question": "When?", "topic": "film", "answers": [answer]}
    with NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(json.dumps(row))
        file.flush()
        return read_questions("jsonl", [file.name], graph)[0][0].answers


def test_a_question_may_have_no_answers_where_its_path_says_what_is_missing(read):
    row = {"question": "Who is ann's spouse?", "topic": "ann", "answers": [], "path": ["∄spouse"]}
    born = {**row, "path": ["∄born_in"]}
    (one, two), report = read("jsonl", json.dumps(row) + "\n" + json.dumps(born) + "\n")
    assert (one.answers, one.paths) == ((), (("∄",),))
    assert two.paths == (("∄born_in",),)
    assert (report.kept, report.unanswerable) == (2, 2)


# --- what is left out, and why ------------------------------------------------------------------

GOOD = '{"question": "Who?", "topic": "ann", "answers": ["dora"]}\n'


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('{"question":', "is not JSON (Expecting value at line 1, column 13)"),
        ("[1]", "is not a JSON object"),
        ('{"topic": "ann", "answers": ["dora"]}', "it lacks a question text"),
        ('{"question": "Who?", "answers": ["dora"]}', "it lacks a topic"),
        ('{"question": "Who?", "topic": "ann"}', "it lacks an answer"),
        ('{"question": ["Who?"], "topic": "ann", "answers": "dora"}', "its question is not text"),
        (
            '{"question": "Who?", "topic": {}, "answers": "dora"}',
            "a topic, answer or path is neither text nor a list of texts",
        ),
        (
            '{"question": "Who?", "topic": "ann", "answers": "dora", "path": {"0": "child"}}',
            "its paths are not lists of relations",
        ),
        (
            '{"question": "Who?", "topic": "eve", "answers": ["dora"]}',
            "the graph has no topic entity 'eve'",
        ),
        (
            '{"question": "Who?", "topic": "ann", "answers": ["eve"]}',
            "the graph has none of the answers",
        ),
        (
            '{"id": "kin@0", "question": "Who?", "topic": "ann", "answers": ["dora"]}',
            "the id 'kin@0' is used by an earlier question",
        ),
        (
            f'{{"question": "{"x" * 2001}", "topic": "ann", "answers": "dora"}}',
            "its text has 2,001 characters, more than 2,000",
        ),
        (
            f'{{"id": {"9" * 201}, "question": "Who?", "topic": "ann", "answers": "dora"}}',
            "its id or language has more than 200 characters",
        ),
        (
            '{"question": "Who\\u0000?", "topic": "ann", "answers": "dora"}',
            r"it holds the control character '\x00'",
        ),
        (
            '{"question": "Who \\ud83d?", "topic": "ann", "answers": "dora"}',
            r"is not JSON (it holds half a character, '\ud83d')",
        ),
        ("[" * 100_000, "is not JSON (it nests too deeply)"),
        (
            '{"question": "Who?", "topic": "ann", "answers": "dora", "path": NaN}',
            "is not JSON (it holds NaN, which is no number)",
        ),
        ("9" * 5000, "is not JSON (it holds a number of 5,000 digits)"),
    ],
)
def test_a_bad_json_row_is_skipped(read, row, why):
    questions, report = read("jsonl", GOOD + row + "\n")
    assert len(questions) == 1
    assert (report.read, report.kept, report.skipped) == (2, 1, 1)
    assert reasons(report) == [(2, why)]
    assert report.findings[0].file == "kin.txt"
    assert report.findings[0].found == (row if len(row) <= 120 else row[:119] + "…")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("who ?\tdora(dora/)", "it has 2 columns between tabs instead of 3"),
        ("who ?\tdora\tann#child#dora", "its answers do not read as answer(answer/answer/)"),
        ("who ?\tdora(dora/)\tann#child", "its path is not entity#relation#entity ..."),
    ],
)
def test_a_bad_pathquestion_row_is_skipped(read, row, why):
    _, report = read("pathquestion", row + "\nwho ?\tdora(dora/)\tann#child#dora\n")
    assert reasons(report) == [(1, why)]


@pytest.mark.parametrize("write", [json.dumps, lambda rows: "\n".join(map(json.dumps, rows))])
def test_half_a_character_costs_its_row(read, write):
    good = {"question": "Which?", "topic": "ann", "answers": ["dora"]}
    _, report = read("jsonl", write([good, {**good, "question": "Which \ud83d?"}, good]))
    ((line, why),) = reasons(report)
    assert line == 2 and "half a character, '\\ud83d'" in why
    report.findings[0].found.encode()


@pytest.mark.parametrize("text", ['{\n "question": 1', "{\n}\n{\n", "{\n}\nno", "[" * 5000 + "{\n"])
def test_json_that_breaks_off_is_refused(read, text):
    with pytest.raises(FormatError, match="JSON"):
        read("jsonl", text)


def test_splits_are_called_as_others_call_them(read):
    row = {"question": "Which?", "topic": "ann", "answers": ["dora"]}
    rows = [{**row, "split": name} for name in ("TRAIN", "training", "val", "Validation", "test")]
    questions, _ = read("jsonl", json.dumps(rows))
    assert [question.split for question in questions] == ["train", "train", "dev", "dev", "test"]


def test_a_topic_with_brackets_and_brackets_that_are_none(read, tmp_path):
    graph = KnowledgeGraph.build("films", [("Film [D]", "by", "Bo"), ("Film C", "tag", "x")])
    (tmp_path / "q.txt").write_text("who made [Film [D]]\tBo\nwhat [film] has [Film C]\tx\n")
    questions, _ = read_questions("metaqa", [tmp_path / "q.txt"], graph)
    assert [(question.text, question.topics) for question in questions] == [
        ("who made Film [D]", ("Film [D]",)),
        ("what [film] has Film C", ("Film C",)),
    ]


def test_bad_metaqa_rows_are_skipped(read):
    _, report = read("metaqa", b"[ann]?\tdora\nwho is ann\tdora\n[ann] \xff\tdora\n")
    assert reasons(report) == [(2, "it has no [topic] in brackets"), (3, "it is not UTF-8 text")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"q": "?"}, "it has no q with a path of triples"),
        ("?", "it has no q with a path of triples"),
        ({"q": "?", "path": [["安", "国籍"]]}, "a step of its path is not head, relation, tail"),
        ({"path": [["安", "国籍", "秘鲁 ||| 8"]]}, "it lacks a question text"),
    ],
)
def test_a_bad_nlpcc_row_is_skipped(read, row, why):
    good = {"q": "安的国籍？", "path": [["安", "国籍", "秘鲁 ||| 8"]]}
    _, report = read("nlpcc-mh", json.dumps([good, row]))
    assert reasons(report) == [(2, why)]


@pytest.mark.parametrize("path", [["sibling"], ["born_in"], ["child", "child"]])
def test_a_path_that_cannot_be_followed_is_dropped_and_its_question_kept(read, path):
    row = {"question": "Who?", "topic": "ann", "answers": ["dora"], "path": path}
    (question,), report = read("jsonl", json.dumps(row))
    assert question.paths == ()
    assert question.group == "ann dora"
    assert (report.kept, report.skipped, report.paths_dropped) == (1, 0, 1)
    assert reasons(report) == [(1, "its gold path is dropped: the graph cannot follow it")]


def test_answers_that_the_graph_lacks_are_left_out(read):
    (question,), _ = read("metaqa", "who are [ann]'s children\teve|dora\n")
    assert question.answers == ("dora",)


def test_a_report_lists_the_first_twenty(read):
    _, report = read("metaqa", "who is [ann]\tdora\n" + "who is eve\tdora\n" * 30)
    assert report.skipped == 30
    assert [finding.line for finding in report.findings] == list(range(2, 22))


# --- nothing left -------------------------------------------------------------------------------


def test_all_bad_is_refused_in_a_sentence(read):
    with pytest.raises(FormatError) as error:
        read("pathquestion", "who is [ann]\tdora\n")
    assert str(error.value) == (
        "No question could be read from kin.txt for the graph 'kin': kin.txt, line 1: it has 2 "
        "columns between tabs instead of 3 (found: 'who is [ann]\\tdora'); check the format and "
        "the graph."
    )


@pytest.mark.parametrize("format", ["jsonl", "pathquestion", "metaqa", "wc2014"])
@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_refused(read, format, text):
    with pytest.raises(FormatError, match=r"kin.txt, line 1: the file is empty"):
        read(format, text)


def test_an_empty_list_is_refused(read):
    with pytest.raises(FormatError, match="the list is empty"):
        read("nlpcc-mh", "[]")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"[{", "kin.txt is not JSON in UTF-8 text: Expecting property name"),
        (b"[\xff", "kin.txt is not JSON in UTF-8 text: byte 2 is not"),
        (b"{}", "kin.txt is not a JSON list of questions with q and path"),
    ],
)
def test_a_file_that_is_no_json_list(read, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read("nlpcc-mh", text)


@pytest.mark.parametrize("format", ["jsonl", "pathquestion", "metaqa", "nlpcc-mh", "wc2014"])
def test_a_missing_file(tmp_path, format):
    with pytest.raises(FormatError, match="nowhere.txt cannot be read: No such file"):
        read_questions(format, [tmp_path / "nowhere.txt"], GRAPH)


# --- the public data, where they are at hand ----------------------------------------------------

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data are not at hand")


def public(format, graph_file, question_file, separator="\t"):
    lines = (DATA / graph_file).read_text(encoding="utf-8").splitlines()
    graph = KnowledgeGraph.build("public", [tuple(line.split(separator)) for line in lines])
    return read_questions(format, [DATA / question_file], graph)


@needs_data
@pytest.mark.parametrize(
    ("format", "graph", "file", "separator", "count", "paraphrases"),
    [
        ("pathquestion", "pathquestion/2H-kb.txt", "pathquestion/PQ-2H.txt", "\t", 1908, 3),
        ("pathquestion", "pathquestion/3H-kb.txt", "pathquestion/PQ-3H.txt", "\t", 5198, 2),
        ("nlpcc-mh", "nlpcc_mh/kg.tsv", "nlpcc_mh/nlpcc-mh.train.json", "\t", 4000, 1),
        ("metaqa", "metaqa/kb.txt", "metaqa/1-hop/qa_dev.txt", "|", 9992, 1),
        ("metaqa", "metaqa/kb.txt", "metaqa/1-hop/dev.jsonl", "|", 9992, 1),
    ],
)
def test_public_data_are_read_whole(format, graph, file, separator, count, paraphrases):
    questions, report = public(format, graph, file, separator)
    assert (len(questions), report.skipped, report.paths_dropped) == (count, 0, 0)
    groups = Counter(question.group for question in questions)
    assert min(groups.values()) == paraphrases


@needs_data
@pytest.mark.parametrize(
    ("name", "hops", "counts"),
    [("PQ-2H", 2, (1515, 156, 237)), ("PQ-3H", 3, (4192, 508, 498))],
)
def test_the_leak_free_split_fits_the_ids(name, hops, counts):
    kb = f"pathquestion/{hops}H-kb.txt"
    questions, _ = public("pathquestion", kb, f"pathquestion/{name}.txt")
    given = json.loads((DATA / f"pathquestion/{name}.groupsplit.json").read_text())
    found = Counter(given[question.id] for question in questions)
    assert (found["train"], found["dev"], found["test"]) == counts

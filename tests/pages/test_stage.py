"""The stage: what is drawn of a question, where it stands, and that it draws with the pinned D3."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from stand_ins import results
from streamlit.testing.v1 import AppTest

from core.results.answer import JudgedHop
from core.results.comparison import NodeShare
from core.results.trace import LookedFor, TreeHop
from pages.parts.stage.answered import answered
from pages.parts.stage.record import End, Place, arranged, topic_place
from pages.parts.stage.stage import ENGINE, ENGINE_SHA256, SCRIPTS
from pages.parts.stage.thinking import thinking
from pages.parts.stage.two_minds import two_minds

ROOT = Path(__file__).parents[2]
SIDE = "teacher"


def drawn(stage, kind):
    """What is drawn of a kind: its name, where it leads, and its mass."""
    masses = {}
    for place in stage.places:
        masses[place.id] = masses.get(place.parent, 1.0) * place.shares[SIDE]
    return [
        (place.relation, place.entities, place.more, pytest.approx(masses[place.id]))
        for place in stage.places
        if place.kind == kind
    ]


def frontier(trace, *entities, size):
    """A trace whose last hop reaches these."""
    last = replace(trace.hops[-1].nodes[0], frontier=entities, frontier_size=size)
    return replace(trace, hops=(*trace.hops[:-1], TreeHop(hop=2, attention=(), nodes=(last,))))


# --- the vendored engine --------------------------------------------------------------------------


def test_the_engine_is_the_pinned_file_with_its_licences():
    served = ROOT / "static" / ENGINE
    assert hashlib.sha256(served.read_bytes()).hexdigest() == ENGINE_SHA256
    folder = ROOT / "assets" / "static" / "d3"
    assert served.resolve().parent == folder
    assert "Permission to use, copy" in (folder / "LICENSE-ISC").read_text(encoding="utf-8")
    assert "Robert Penner" in (folder / "LICENSE-BSD-3-CLAUSE").read_text(encoding="utf-8")
    notice = (folder / "README.md").read_text(encoding="utf-8")
    assert ENGINE_SHA256 in notice and Path(ENGINE).name in notice
    assert Path(ENGINE).name in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_the_script_never_writes_html_and_asks_no_other_host():
    files = [ROOT / "pages/parts/stage" / name for name in SCRIPTS]
    assert {*files} == {*(ROOT / "pages/parts/stage").glob("*.js")}
    script = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\.html\(", script
    )
    assert set(re.findall(r"https?://[^\"]*", script)) == {"http://www.w3.org/2000/svg"}


# --- where things stand ---------------------------------------------------------------------------


def tree(*ways, kind="relation"):
    """A topic and what follows it, each named by its way: `a`, `a b`, ..."""
    places = [topic_place("Joe Biden", (SIDE,))]
    for way in ways:
        above, _, _ = way.rpartition(" ")
        places.append(Place(id=way, parent=above or "topic", kind=kind, shares={SIDE: 0.5}, step=1))
    return places


def test_hops_are_columns_and_a_place_stands_in_the_middle_of_what_follows():
    places, _ = arranged(tree("a", "b", "a c", "a d"), ())
    spots = {place.id: (place.column, place.row) for place in places}
    assert spots == {"topic": (0, 1.25), "a": (1, 0.5), "a c": (2, 0), "a d": (2, 1), "b": (1, 2)}


def test_where_things_stand_does_not_depend_on_what_is_probable():
    one = tree("a", "b", "a c")
    other = [replace(place, shares={SIDE: 0.01}) for place in one]
    spots = [[(p.column, p.row) for p in arranged(places, ())[0]] for places in (one, other)]
    assert spots[0] == spots[1]


def test_ends_stand_beside_what_leads_to_them_and_never_on_each_other():
    stops = [replace(place, kind="stop", end=place.id[0]) for place in tree("x1", "x2", "y")[1:]]
    places = [topic_place("Joe Biden", (SIDE,)), *stops]
    _, ends = arranged(places, [End(id="y", entities="Y"), End(id="x", entities="X")])
    assert [(end.id, end.row) for end in ends] == [("x", 0.5), ("y", 2)]


def test_what_is_folded_away_takes_no_room():
    first, *rest = tree("a", "b", "c")
    places, _ = arranged([first, replace(rest[0], folded="c"), *rest[1:]], ())
    assert [place.row for place in places[2:]] == [0, 1]


# --- a teacher's reasoning ------------------------------------------------------------------------


def test_a_reasoning_is_drawn_with_its_masses():
    stage = thinking(results.trace())
    assert drawn(stage, "topic") == [("", "Joe Biden", 0, 1)]
    assert drawn(stage, "relation") == [
        ("born_in", results.HTML_ESCAPE, 2, 0.6),
        ("city_of", "USA", 2, 0.58),
    ]
    assert drawn(stage, "stop") == [
        ("stop here", "", 0, 0.6 * 0.02),
        ("stop here", "", 0, 0.58 * 0.99),
    ]
    assert drawn(stage, "rest") == [("everything else", "", 0, 0.4)]
    assert (stage.steps, stage.attention) == (2, ((0.1, 0.2, 0.7), (0.0, 0.1, 0.9)))


def test_what_is_missing_is_a_stub_where_it_is_missing():
    stage = thinking(results.trace_in_vain())
    found = [(p.parent.split("\n")[1:], p.relation) for p in stage.places if p.kind == "missing"]
    assert found == [
        ([], "no ← mayor here"),
        (["born_in"], "no mayor here"),
        (["born_in"], "none of the graph's relations"),
    ]


def test_paths_share_an_end_only_where_all_that_they_reach_is_known():
    few = frontier(results.trace(), results.USA, size=1)
    many = frontier(results.trace(), results.USA, size=3)
    assert thinking(few).ends[0] == End(id="end\nusa", entities="USA", row=0)
    assert thinking(many).ends[0].id == "end\ntopic\nborn_in\ncity_of"


def test_the_most_probable_answer_names_its_group():
    trace = frontier(results.trace(), results.BIDEN, results.USA, size=2)
    assert thinking(trace).places[-1].relation == "everything else"
    assert [(end.entities, end.more) for end in thinking(trace).ends][0] == ("USA", 1)


def gone(trace):
    """A reasoning whose only way is gone: it is looked for in vain."""
    missing = LookedFor(relations=("∄born_in",), labels=("∄born_in",), probability=0.7)
    return replace(trace, words=("What", "nationality"), hops=(), missing=(missing,))


def test_what_was_thought_before_is_drawn_on_the_same_tree():
    was = results.trace()
    stage = thinking(gone(was), was)
    assert (stage.sides, stage.steps, stage.words) == (("teacher", "before"), 2, was.words)
    shares = {(p.kind, p.relation): dict(p.shares) for p in stage.places if p.step < 3}
    assert shares["relation", "born_in"] == {"teacher": 0, "before": 0.6}
    assert shares["missing", "no born_in here"] == {"teacher": 0.7, "before": 0}
    assert shares["stop", "stop here"] == {"teacher": 0, "before": 0.99}
    assert shares["rest", "everything else"] == {"teacher": pytest.approx(0.3), "before": 0.4}
    order = [place.id for place in stage.places if place.id in {p.id for p in thinking(was).places}]
    assert order == [place.id for place in thinking(was).places]


def test_where_nothing_is_otherwise_nothing_stands_otherwise():
    was = results.trace()
    one, both = thinking(was), thinking(was, was)
    assert [(p.id, p.column, p.row) for p in both.places] == [
        (p.id, p.column, p.row) for p in one.places
    ]
    assert both.ends == one.ends


def test_a_word_that_is_silenced_gets_no_attention():
    was = results.trace()
    hops = (replace(was.hops[0], attention=(0.4, 0.6)),)
    less = replace(was, words=("What", "nationality"), hops=hops)
    assert thinking(less, was).attention == ((0.4, 0.0, 0.6),)


# --- teacher and student --------------------------------------------------------------------------


def compared(born_in=0.5):
    """The comparison of the worked example, where the student goes to the birthplace so often."""
    first, second = results.comparison().nodes[1:3]
    shares = ((first, born_in), (second, 1 - born_in))
    moved = {one.id: replace(one, student=NodeShare(probability=p, mass=p)) for one, p in shares}
    nodes = tuple(moved.get(node.id, node) for node in results.comparison().nodes)
    return replace(results.comparison(), nodes=nodes)


def test_both_are_drawn_on_one_tree():
    stage = two_minds(results.comparison())
    found = [(p.kind, p.relation, p.entities, dict(p.shares)) for p in stage.places]
    assert found[:3] == [
        ("topic", "", "Joe Biden", {"teacher": 1, "student": 1}),
        ("relation", "born_in", results.HTML_ESCAPE, {"teacher": 0.8, "student": 0.5}),
        ("relation", "graduate_from", "Delaware", {"teacher": 0.2, "student": 0.5}),
    ]
    assert [end.entities for end in stage.ends] == [results.HTML_ESCAPE, "Delaware"]
    assert (stage.sides, stage.soft) == (("teacher", "student"), True)


@pytest.mark.parametrize(("share", "parting"), [(0.6, None), (0.5, None), (0.4, "topic")])
def test_they_part_where_the_student_would_rather_go_on_otherwise(share, parting):
    assert two_minds(compared(share)).parting == parting


def test_gold_goes_where_gold_paths_go():
    gold = [("born_in",), ("born_in", "city_of"), ("elsewhere",)]
    found = {place.id: place.gold for place in two_minds(results.comparison(), gold).places}
    third = pytest.approx(1 / 3)
    assert found == {"topic": 1, "1": pytest.approx(2 / 3), "2": 0, "3": third, "4": 0}


def test_what_is_not_drawn_is_there_to_be_softened():
    low = NodeShare(probability=0.004, mass=0.004)
    further = replace(results.comparison().nodes[2], id=9, teacher=low, student=low)
    nodes = (*results.comparison().nodes, further)
    stage = two_minds(replace(results.comparison(), nodes=nodes))
    assert [place.folded for place in stage.places if place.id == "9"] == ["topic\nrest"]


# --- an answer ------------------------------------------------------------------------------------


def said(*paths):
    """An answer with paths of the topic: their hops as `(relation, where it leads, verdict)`."""

    def path(probability, *hops):
        ends = [results.BIDEN, *(results.named(tail) for _, tail, _ in hops)]
        judged = tuple(
            JudgedHop(head=head, relation=results.named(name, name), tail=tail, verdict=verdict,
                      nearest=None)
            for head, tail, (name, _, verdict) in zip(ends, ends[1:], hops, strict=False)
        )  # fmt: skip
        one = results.answer().paths[0]
        return replace(
            one, probability=probability, hops=judged, answers=(ends[-1],)[: bool(ends[-1].id)]
        )

    return replace(results.answer(), paths=tuple(path(*one) for one in paths))


def test_the_paths_of_an_answer_share_what_they_share_and_keep_their_verdicts():
    good, bad = "in_graph", "wrong_relation"
    born = ("born_in", "scranton", good)
    answer = said((0.5, born, ("city_of", "usa", good)), (0.3, born, ("mayor", "", bad)))
    stage = answered(answer, SIDE)
    assert drawn(stage, "relation") == [
        ("born_in", "Scranton", 0, 0.8),
        ("city_of", "Usa", 0, 0.5),
        ("mayor", "?", 0, 0.3),
    ]
    assert [p.verdict for p in stage.places if p.kind == "relation"] == [good, good, bad]
    assert [end.entities for end in stage.ends] == ["Usa"]
    assert drawn(stage, "rest")[0] == ("everything else", "", 0, 0.2)


def test_paths_of_no_topic_are_not_drawn():
    assert answered(results.answer(), SIDE) is None  # its path begins in the middle
    assert answered(replace(results.answer(), paths=()), SIDE) is None


# --- on a page ------------------------------------------------------------------------------------

SCRIPT = """
import streamlit as st
from stand_ins import results
from pages.parts.stage.stage import stage
from pages.parts.stage.thinking import thinking
from pages.parts.stage.two_minds import two_minds
st.session_state["back"] = stage(thinking(results.trace()), "drawn")
"""


ADDRESSED = """
import streamlit as st
from stand_ins import results
from pages.parts.stage.stage import shown_alpha, shown_hop, shown_temperature, stage
from pages.parts.stage.two_minds import two_minds
record = two_minds(results.comparison())
stage(record, "drawn", in_address=True)
left = shown_hop(record, "drawn"), shown_temperature("drawn"), shown_alpha("drawn")
st.session_state["back"] = left
"""


@pytest.mark.parametrize(("told", "hop"), [(None, 2), (1, 1), (0, 0), (9, 2), (-1, 0)])
def test_the_hop_that_a_reader_looks_at_comes_back(told, hop):
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    if told is not None:
        app.session_state["drawn"] = {"hop": told}
    app.run()
    assert not app.exception
    assert app.session_state["back"] == hop


@pytest.mark.parametrize(
    ("address", "begun"),
    [
        ({"hop": "1", "t": "2.5", "alpha": "0.25"}, (1, 2.5, 0.25)),
        ({"hop": "9", "t": "nan", "alpha": "x"}, (1, 1.0, 0.5)),
    ],
)
def test_it_opens_where_the_address_says(address, begun):
    app = AppTest.from_string(ADDRESSED, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert app.session_state["back"] == begun


def test_what_the_reader_leaves_is_in_the_address():
    app = AppTest.from_string(ADDRESSED, default_timeout=30)
    app.session_state["drawn"] = {"hop": 0, "temperature": 4.0, "alpha": 0.1}
    app.run()
    left = ["".join(app.query_params[name]) for name in ("hop", "t", "alpha")]
    assert left == ["0", "4.00", "0.10"]
    app.session_state["drawn"] = {"hop": 1, "temperature": 1.0, "alpha": 0.5}
    app.run()
    assert not {"hop", "t", "alpha"} & {*app.query_params}

import pytest

from core.graph.path_tree import relation_codes
from core.verify.checking import check_path, ground_path


def judged(graph, topic, path, answer=None):
    start = graph.find_entity(topic)
    end = None if answer is None else graph.entity(answer)
    verdict = check_path(graph, start, path, end)
    hops = [(hop.relation, str(hop.status), hop.nearest, hop.reached) for hop in verdict.hops]
    return hops, verdict.supported, verdict.share


def test_a_path_that_reaches_its_answer_is_supported(graph):
    assert judged(graph, "ann", ("child", "child"), "emma") == (
        [("child", "in_graph", None, 2), ("child", "in_graph", None, 2)],
        True,
        1.0,
    )


def test_a_path_that_runs_but_misses_its_answer_is_not(graph):
    _, supported, share = judged(graph, "ann", ("child", "child"), "gina")
    assert (supported, share) == (False, 1.0)


def test_without_an_answer_running_is_enough(graph):
    assert judged(graph, "ann", ("spouse",))[1:] == (True, 1.0)


def test_only_the_inverse_exists(graph):
    hops, supported, share = judged(graph, "emma", ("child", "spouse"), "gina")
    assert hops == [
        ("child", "only_inverse", ("emma", "~child", "carl"), 0),
        ("spouse", "dead_end", None, 0),
    ]
    assert (supported, share) == (False, 0.0)


def test_a_backward_claim_of_a_forward_edge_is_only_inverse_too(graph):
    hops, *_ = judged(graph, "dora", ("~nationality",))
    assert hops == [("~nationality", "only_inverse", ("dora", "nationality", "peru"), 0)]


def test_an_unknown_relation_is_wrong_and_the_nearest_by_spelling_is_offered(graph):
    hops, supported, share = judged(graph, "ann", ("child", "national_of"), "norway")
    assert hops == [
        ("child", "in_graph", None, 2),
        ("national_of", "wrong_relation", ("carl", "nationality", "norway"), 0),
    ]
    assert (supported, share) == (False, 0.5)


def test_labels_of_any_language_count_for_nearness(graph):
    hops, *_ = judged(graph, "carl", ("国籍是",))
    assert hops[0][2] == ("carl", "nationality", "norway")


def test_a_known_relation_that_does_not_leave_from_here_is_wrong(graph):
    hops, *_ = judged(graph, "dora", ("spouse",))
    assert hops[0][1] == "wrong_relation"


def test_a_topic_that_the_graph_lacks(graph):
    hops, supported, share = judged(graph, "nobody", ("child", "child"))
    assert [hop[1] for hop in hops] == ["entity_missing", "dead_end"]
    assert (supported, share) == (False, 0.0)


def test_an_entity_without_edges_is_a_dead_end(graph):
    assert judged(graph, "zed", ("child",))[0] == [("child", "dead_end", None, 0)]


def test_a_hop_back_reaches_others_but_not_the_topic(graph):
    hops, *_ = judged(graph, "carl", ("nationality", "~nationality"), "ann")
    assert hops[1] == ("~nationality", "in_graph", None, 1)
    assert judged(graph, "emma", ("friend", "~friend"))[0][1][1] == "dead_end"


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        ("dora", ("∄spouse",)),
        ("ann", ("child", "∄~spouse")),
        ("ann", ("∄boss",)),  # no such relation anywhere
        ("zed", ("∄child",)),
        ("emma", ("friend", "∄~friend")),  # back onto the topic alone
    ],
)
def test_what_is_claimed_to_be_absent_and_is(graph, topic, path):
    hops, supported, share = judged(graph, topic, path)
    assert [hop[1] for hop in hops] == ["in_graph"] * (len(path) - 1) + ["verified_absent"]
    assert hops[-1][2:] == (None, 0)
    assert (supported, share) == (True, 1.0)
    assert not judged(graph, topic, path, "ann")[1]  # it reaches no answer


def test_what_is_claimed_to_be_absent_and_is_not(graph):
    hops, supported, share = judged(graph, "ann", ("child", "∄nationality"))
    assert hops[1] == ("∄nationality", "wrong_relation", ("carl", "nationality", "norway"), 0)
    assert (supported, share) == (False, 0.5)
    # Once a hop has failed, nothing behind it can be checked; nor that no relation is meant.
    assert not judged(graph, "ann", ("boss", "∄child"))[1]
    assert not judged(graph, "ann", ("∄",))[1]
    assert not judged(graph, "ann", ("∄child", "child"))[1]


def test_no_claim_supports_nothing(graph):
    assert judged(graph, "ann", ()) == ([], False, 0.0)


def grounded(graph, topic, path, answer, **options):
    codes = relation_codes(graph, path)
    chains = ground_path(graph, graph.entity(topic), codes, graph.entity(answer), **options)
    return [
        [(graph.entity_id(h), graph.relation_id(c), graph.entity_id(t)) for h, c, t in chain]
        for chain in chains
    ]


def test_chains_behind_an_answer(graph):
    assert grounded(graph, "norway", ("~nationality", "child"), "carl") == [
        [("norway", "~nationality", "ann"), ("ann", "child", "carl")]
    ]
    assert grounded(graph, "ann", ("child", "nationality"), "emma") == []
    assert grounded(graph, "ann", (), "ann") == []


def test_no_more_chains_than_asked_for(graph):
    path = ("~nationality", "~child", "nationality")
    everything = grounded(graph, "peru", path, "norway", limit=9)
    assert everything == [
        [("peru", "~nationality", "dora"), ("dora", "~child", "ann"),
         ("ann", "nationality", "norway")]
    ]  # fmt: skip
    two_ways = grounded(graph, "ann", ("child", "~child", "nationality"), "peru", limit=9)
    assert [chain[0][2] for chain in two_ways] == ["carl", "dora"]
    assert grounded(graph, "ann", ("child", "~child", "nationality"), "peru", limit=1) == [
        two_ways[0]
    ]


def test_chains_do_not_step_back_onto_the_topic(graph):
    assert grounded(graph, "ann", ("child", "~child"), "ann") == []

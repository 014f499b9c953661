"""A path has exactly one spelling, whatever its relations are called and whatever people type."""

import pytest
from transformers import AutoTokenizer

from core.records import TOPIC_MARK
from core.student.prompts import LONGEST, Speller
from tests.tiny_student import SpellerOfBefore, tiny_student

NAMES = (
    "born_in",
    "born in , or near .",
    "~born_in",
    "do n't , 's",
    "出生地",
    "~导演 的",
    "<hop>",
    "<stop>",
    "a<path>b<topic>",
    "<pad>",
    "Ünïcode 👍🏽",
    "x",
)


@pytest.fixture(scope="module")
def speller():
    return tiny_student(("born_in", "出生地"))[1]


@pytest.mark.parametrize("name", NAMES)
def test_any_relation_is_read_back_as_spelled(speller, name):
    for path in ((name,), (name, name), ("born_in", name, "出生地")):
        tokens = speller.spell(path)
        assert speller.read(tokens) == path
        assert tokens.count(speller.hop) == len(path)  # a mark that is typed is not the mark
        assert tokens.count(speller.stop) == 1 and tokens[-1] == speller.stop
        assert speller.path not in tokens


def test_a_path_is_spelled_piece_by_piece(speller):
    one, other = speller.relation("born_in"), speller.relation("出生地")
    spelled = [*one, speller.hop, *other, speller.hop, speller.stop]
    assert speller.spell(("born_in", "出生地")) == spelled


def test_different_paths_are_spelled_differently(speller):
    paths = [(a,) for a in NAMES] + [(a, b) for a in NAMES for b in NAMES]
    assert len({tuple(speller.spell(path)) for path in paths}) == len(paths)


@pytest.mark.parametrize("name", ["∄mayor", "∄~出生地", "∄<missing>", "∄<none>", "∄a b", "∄"])
def test_what_the_graph_lacks_is_said_by_marks(speller, name):
    missing, none = speller.absent
    tokens = speller.spell(("born_in", name))
    assert speller.read(tokens) == ("born_in", name)
    assert tokens.count(missing if name != "∄" else none) == 1
    assert tokens.count(speller.hop) == 2
    assert speller.relation(name)[1:] == (speller.relation(name[1:]) if name != "∄" else ())


def test_a_student_of_before_spells_it_as_text(speller):
    before = SpellerOfBefore(speller.tokenizer)
    assert before.read(before.spell(("born_in", "∄mayor"))) == ("born_in", "∄mayor")
    assert not {*speller.absent}.intersection(before.spell(("∄mayor", "∄")))


def test_a_prompt_masks_its_topic_and_ends_in_the_path_mark(speller):
    tokens = speller.prompt(f"Where was {TOPIC_MARK}’s Son born?")
    texts = speller.tokenizer.convert_ids_to_tokens(tokens)
    assert texts.count("<topic>") == 1 and texts[-1] == "<path>"
    where = texts.index("<topic>")
    assert tokens[:where] == list(speller.relation(" where was"))
    assert tokens[where + 1 : -1] == list(speller.relation(" s son born"))
    typed = speller.tokenizer.convert_ids_to_tokens(speller.prompt("Is <topic> a <path>?"))
    assert "<topic>" not in typed and typed.index("<path>") == len(typed) - 1


def test_a_long_question_keeps_its_end(speller):
    tokens = speller.prompt("x" * 2 * LONGEST + " born?")
    assert len(tokens) == LONGEST + 1 and tokens[-1] == speller.path
    assert speller.read(tokens[:-1])[0].endswith("x born")


def test_what_is_no_path_is_read_as_it_is(speller):
    name = list(speller.relation("nonsense"))
    assert speller.read([]) == ()
    assert speller.read([speller.stop, *name]) == ()
    assert speller.read([speller.hop, speller.stop]) == ("",)
    assert speller.read([*name, speller.hop, *name]) == ("nonsense", "nonsense")  # never stopped
    # A mark inside a relation is not overlooked: this is not the relation.
    assert speller.read([*name, speller.path, speller.hop]) == ("nonsense<path>",)


def test_the_same_spelling_after_saving(speller, tmp_path):
    speller.tokenizer.save_pretrained(tmp_path)
    opened = Speller(AutoTokenizer.from_pretrained(tmp_path))
    for name in NAMES:
        assert opened.spell((name, "born_in")) == speller.spell((name, "born_in"))
        assert opened.read(opened.spell((name,))) == (name,)
    assert opened.prompt(f"{TOPIC_MARK}<hop>?") == speller.prompt(f"{TOPIC_MARK}<hop>?")

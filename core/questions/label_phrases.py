"""What people say for a relation when all that is known of it is its label.

A label is a noun ("director", "place of birth"), a verb ("causes", "works on"), a participle
("directed by", "born in", "is located in") or a noun that waits for its whole ("part of"), and each
is asked about differently, in both directions:

    director       Who is Titanic's director?         Whose director is James Cameron?
    causes         What does rain cause?              What causes floods?
    directed by    Who was Titanic directed by?       What was directed by James Cameron?
    born in        Where was Kate born?               Who was born in Paris?
    part of        What is the wheel part of?         What is the part of the car?

The question word is that of what is asked for, see `answer_kinds`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.questions.answer_kinds import AnswerKind


@dataclass(frozen=True)
class Phrase:
    """Words for a path, with `{x}` for its start, in singular and plural."""

    one: str
    many: str

    @property
    def is_question(self) -> bool:
        """Whether it is a whole question rather than a noun phrase."""
        return self.one.endswith(("?", "？"))

    def say(self, x: str, several: bool) -> str:
        """The phrase about `x`."""
        words = (self.many if several else self.one).replace("{x}", x)
        return words.replace("the the ", "the ")


_NOUN = re.compile(r"the ((?:(?! of )[^{}])+) of \{x\}|\{x\}的([^{}？]+)")


def plain_nouns(phrases: Iterable[Phrase]) -> list[str]:
    """The nouns of the phrases that say no more: `director` of `the director of {x}`, {x}的导演."""
    found = (_NOUN.fullmatch(phrase.one) for phrase in phrases)
    return list(dict.fromkeys(one[1] or one[2] for one in found if one))


_PLACE = r"in|at|from|near|within"
_PREPOSITION = rf"{_PLACE}|on|by|to|with|for|through|into|under|over|about|against|after|as|of|than"
_IRREGULAR = {
    "written": "wrote",
    "made": "made",
    "born": "bore",
    "won": "won",
    "led": "led",
    "sung": "sang",
    "known": "knew",
    "built": "built",
    "given": "gave",
    "taught": "taught",
    "spoken": "spoke",
    "sold": "sold",
    "held": "held",
    "caught": "caught",
    "drawn": "drew",
    "driven": "drove",
    "bought": "bought",
    "sent": "sent",
    "found": "found",
    "run": "ran",
}
_VERB = re.compile(
    "affect|aid|attack|bind|cause|complicate|contain|control|cover|create|cure|develop|"
    "direct|disrupt|employ|enable|encode|express|fix|follow|fund|govern|have|help|host|"
    "improve|include|influence|inhibit|join|lead|link|maintain|make|manage|measure|mentor|"
    "need|own|oversee|perform|play|precede|predict|prevent|produce|provide|publish|regulate|"
    "replace|require|run|sell|serve|show|speak|sponsor|supply|support|teach|treat|trigger|"
    "use|visit|want|win|write|border|adjoin|belong|depend|live|work|report|sit|study|flow|"
    "marry|like|know|hold|eat|drive|build|buy|represent|describe|depict|resemble|contradict|"
    "cite|recommend|review|approve"
)
_ZH_VERB = re.compile(
    r"[于在自到给向]$|^(位于|属于|隶属于|运行于|卖给|导致|引起|治疗|影响|包含|包括|拥有|使用|生产|依赖|"
    r"研发|开发|改进|负责|维护|指导|取代|供应|任职于|就职于|雇用|研究|参与|管理|汇报给|支持|控制|预防|"
    r"需要|领导|赞助|制造|出版|收购|创办|擅长|学习|教授|喜欢|认识)$"
)
_ASKED = {
    "en": {"who": "Who", "where": "Where", "when": "When", "what": "What"},
    "zh": {"who": "谁", "where": "哪里", "when": "什么时候", "what": "什么"},
}
_THOSE = {"who": "人", "where": "地方", "when": "时间", "what": "那个"}


def label_phrases(
    label: str, language: str, *, backward: bool, asked: AnswerKind
) -> tuple[Phrase, ...]:
    """The phrases for a relation walked one way, the plainest first; nouns and questions.

    Args:
        label: Of the relation walked forward.
        language: `zh`, or else the phrases are English.
        backward: Whether the relation is walked from its tail to its head.
        asked: What is at the end of the walk.
    """
    label = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", label).split())
    phrases = _chinese(label, backward, asked) if language == "zh" else None
    found = phrases or _english(label, backward, asked)
    return tuple(Phrase(one, many) for one, many in found)


# --- English ------------------------------------------------------------------------------------


def _english(label: str, backward: bool, asked: AnswerKind) -> list[tuple[str, str]]:
    plain = label.lower()
    plain = re.sub(r"^(is|was|are|were|be|been) (?!an?$)", "", plain)
    if plain in ("is a", "isa", "is an", "instance of", "subclass of", "type", "kind"):
        return _english_noun("kind", backward, asked)
    first, *rest = plain.split()
    base = _base(first)
    is_participle = (first in _IRREGULAR or first.endswith("ed")) and len(first) > 3
    if rest and rest[-1] == "of" and not is_participle and not _VERB.fullmatch(base):
        return _english_part(plain.removesuffix(" of"), backward, asked)
    if first == "has" and rest:
        return _english_noun(" ".join(rest), backward, asked)
    if is_participle and rest and re.fullmatch(_PREPOSITION, rest[-1]):
        return _english_participle(plain, backward, asked)
    bare_verb = not rest and first != base and _VERB.fullmatch(base)
    if bare_verb or (first != base and rest and re.fullmatch(_PREPOSITION, rest[-1])):
        return _english_verb(base, plain, backward, asked)
    return _english_noun(
        plain if label.isascii() and label[:1].islower() else label, backward, asked
    )


def _base(verb: str) -> str:
    """The verb of a third person: causes, teaches, flies; others as they are."""
    if verb in ("has", "does", "goes"):
        return {"has": "have"}.get(verb, verb[:-2])
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if re.search(r"(ch|sh|ss|x|zz)es$", verb):
        return verb[:-2]
    return verb[:-1] if re.search(r"[^su]s$", verb) else verb


def _english_noun(noun: str, backward: bool, asked: AnswerKind) -> list[tuple[str, str]]:
    many = _plural(noun)
    who = _ASKED["en"][asked]
    if not backward:
        what = "Who" if asked == "who" else "What"
        found = [
            (f"the {noun} of {{x}}", f"the {many} of {{x}}"),
            (f"{{x}}'s {noun}", f"{{x}}'s {many}"),
            _same(f"{what} is the {noun} of {{x}}?"),
            _same(f"{what} is {{x}}'s {noun}?"),
            (f"Which {noun} does {{x}} have?", f"Which {many} do {{x}} have?"),
        ]
        if asked in ("where", "when"):
            found.append(_same(f"{who} is the {noun} of {{x}}?"))
        return found
    if asked == "who":
        return [
            (f"the person whose {noun} is {{x}}", f"the people whose {noun} is {{x}}"),
            (f"who has {{x}} as {noun}", f"those who have {{x}} as {noun}"),
            (f"Whose {noun} is {{x}}?", f"Whose {many} are {{x}}?"),
            _same(f"Who has {{x}} as {noun}?"),
            (f"{{x}} is the {noun} of whom?", f"{{x}} are the {many} of whom?"),
        ]
    return [
        (f"what has {{x}} as its {noun}", f"those that have {{x}} as their {noun}"),
        (f"the one whose {noun} is {{x}}", f"the ones whose {noun} is {{x}}"),
        _same(f"What has {{x}} as its {noun}?"),
        (f"{{x}} is the {noun} of what?", f"{{x}} are the {many} of what?"),
        (f"Which ones have {{x}} as {noun}?", f"Which ones have {{x}} as {many}?"),
    ]


def _english_part(noun: str, backward: bool, asked: AnswerKind) -> list[tuple[str, str]]:
    """`part of`, `member of`: the noun names where the relation comes from."""
    who = "Who" if asked == "who" else "What"
    if not backward:
        return [
            (f"what {{x}} is {noun} of", f"what {{x}} are {noun} of"),
            (f"{who} is {{x}} {noun} of?", f"{who} are {{x}} {noun} of?"),
            (f"{{x}} is {noun} of what?", f"{{x}} are {noun} of what?"),
        ]
    return [
        (f"the {noun} of {{x}}", f"the {_plural(noun)} of {{x}}"),
        (f"what is {noun} of {{x}}", f"those that are {noun} of {{x}}"),
        _same(f"{who} is {noun} of {{x}}?"),
        _same(f"{who} is a {noun} of {{x}}?"),
    ]


def _english_participle(plain: str, backward: bool, asked: AnswerKind) -> list[tuple[str, str]]:
    """`directed by`, `born in`, `located in`."""
    *verb, last = plain.split()
    done = " ".join(verb)
    thing = "person" if asked == "who" else "place" if asked == "where" else "one"
    if backward:
        those = "those" if asked == "who" else "the ones"
        return [
            (f"the {thing} {plain} {{x}}", f"{those} {plain} {{x}}"),
            _same(f"{'Who' if asked == 'who' else 'What'} is {plain} {{x}}?"),
            _same(f"{'Who' if asked == 'who' else 'Which ones'} were {plain} {{x}}?"),
        ]
    found = [
        (f"the {thing} that {{x}} is {plain}", f"the {thing} that {{x}} are {plain}"),
        _same(f"{'Who' if asked == 'who' else 'What'} is {{x}} {plain}?"),
    ]
    if last == "by":
        past = _IRREGULAR.get(done, done)
        found.append(_same(f"{'Who' if asked == 'who' else 'What'} {past} {{x}}?"))
    if re.fullmatch(_PLACE, last) and asked != "who":
        if asked == "where":
            found.append((f"Where is {{x}} {done}?", f"Where are {{x}} {done}?"))
            found.append(
                (f"the place where {{x}} was {done}", f"the places where {{x}} were {done}")
            )
        else:
            found.append(_same(f"{last.title()} what is {{x}} {done}?"))
    return [(one, many.replace(" is {x}", " are {x}")) for one, many in found]


def _english_verb(
    base: str, plain: str, backward: bool, asked: AnswerKind
) -> list[tuple[str, str]]:
    """`causes`, `works on`, `flows through`."""
    rest = " ".join(plain.split()[1:])
    tail = f" {rest}" if rest else ""
    who = "Who" if asked == "who" else "What"
    if backward:
        if asked == "who":
            return [
                (f"the person who {plain} {{x}}", f"the people who {base}{tail} {{x}}"),
                _same(f"Who {plain} {{x}}?"),
                _same(f"Which people {base}{tail} {{x}}?"),
            ]
        return [
            (f"what {plain} {{x}}", f"what {plain} {{x}}"),
            (f"the one that {plain} {{x}}", f"the ones that {base}{tail} {{x}}"),
            _same(f"What {plain} {{x}}?"),
            _same(f"Which ones {base}{tail} {{x}}?"),
        ]
    found = [
        (f"what {{x}} {plain}", f"what {{x}} {base}{tail}"),
        (f"the one that {{x}} {plain}", f"the ones that {{x}} {base}{tail}"),
        (f"{who} does {{x}} {base}{tail}?", f"{who} do {{x}} {base}{tail}?"),
        (f"{{x}} {plain} what?", f"{{x}} {base}{tail} what?"),
    ]
    if asked == "who":
        found[0] = (f"the person {{x}} {plain}", f"the people {{x}} {base}{tail}")
        found[3] = (f"{{x}} {plain} whom?", f"{{x}} {base}{tail} whom?")
    if asked == "where" or re.fullmatch(_PLACE, rest):
        found.append((f"Where does {{x}} {base}?", f"Where do {{x}} {base}?"))
    return found


def _plural(noun: str) -> str:
    """`leading actors`, `places of birth`, `countries of the city`."""
    head = re.match(rf"(.+?)( (?:{_PREPOSITION}|received|that|who|which) .+| received)?$", noun)
    name, rest = (head[1], head[2] or "") if head else (noun, "")
    if re.search(r"(s|people|children)$", name):
        return noun
    if name.endswith("child"):
        return name + "ren" + rest
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies" + rest
    return name + ("es" if re.search(r"(x|ch|sh)$", name) else "s") + rest


def _same(words: str) -> tuple[str, str]:
    """One wording whether `{x}` is one or several."""
    return words, words


# --- Chinese ------------------------------------------------------------------------------------


def _chinese(label: str, backward: bool, asked: AnswerKind) -> list[tuple[str, str]] | None:
    if label.isascii():
        return None  # an English label says more in an English phrase
    which = _ASKED["zh"][asked]
    those = _THOSE[asked]
    several = "哪些人" if asked == "who" else "哪些"
    if _ZH_VERB.search(label):
        words = (
            [
                f"{label}{{x}}的{those}",
                f"{which}{label}{{x}}？",
                f"{several}{label}{{x}}？",
                f"{label}{{x}}的有哪些？",
            ]
            if backward
            else [
                f"{{x}}{label}的{those}",
                f"{{x}}{label}{which}？",
                f"{{x}}{label}的是{which}？",
            ]
        )
    elif backward:
        words = [
            f"{label}是{{x}}的{those}",
            f"{'谁' if asked == 'who' else '什么'}的{label}是{{x}}？",
            f"{several}的{label}是{{x}}？",
            f"{{x}}是{'谁' if asked == 'who' else '什么'}的{label}？",
        ]
    else:
        words = [f"{{x}}的{label}", f"{{x}}的{label}是{which}？", f"{{x}}有哪些{label}？"]
        if asked == "who":
            words += [f"谁是{{x}}的{label}？", f"{{x}}的{label}叫什么？"]
        elif asked == "where":
            words += [f"{{x}}的{label}在哪儿？", f"{{x}}的{label}是哪个？"]
        else:
            words += [f"{{x}}的{label}是哪个？"]
    return [(one, one) for one in words]

"""A made-up country told twice, by two who each know a part of it and misspell what they know."""

import random
import unicodedata

import pyarrow as pa

from core.graph.knowledge_graph import KnowledgeGraph

FIRST = (
    "Ana",
    "Boris",
    "Carla",
    "Dmitri",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Klara",
    "Leon",
    "Maria",
    "Nils",
    "Olga",
    "Pavel",
    "Rosa",
    "Stefan",
    "Tilda",
    "Ulrich",
    "Vera",
    "Walter",
    "Xenia",
    "Yusuf",
    "Zoë",
    "André",
    "José",
    "Björn",
    "Chloé",
    "Søren",
)
LAST = (
    "Abbott",
    "Berger",
    "Castillo",
    "Duarte",
    "Eriksen",
    "Fontaine",
    "Grünwald",
    "Horvath",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quintero",
    "Rossi",
    "Schneider",
    "Takeda",
    "Ullmann",
    "Vasquez",
    "Weber",
    "Yamada",
    "Zimmermann",
    "Ångström",
    "Bélanger",
    "Çelik",
    "Dvořák",
    "Núñez",
)
ENDS = (
    "burg",
    "ville",
    "field",
    "haven",
    "stad",
    "wick",
    "mouth",
    "bridge",
    "ford",
    "holm",
)
TRADES = (
    "baker",
    "doctor",
    "farmer",
    "judge",
    "lawyer",
    "miner",
    "nurse",
    "painter",
    "pilot",
    "sailor",
    "singer",
    "teacher",
)
KNOWN = 0.75
"""Share of the facts that each of the two knows."""


def country(people, seed):
    """Facts, and the name of each thing; some people are namesakes, parents are older people."""
    draw = random.Random(seed)
    towns = max(4, people // 12)
    firms = max(4, people // 15)
    names = {f"person{n}": f"{draw.choice(FIRST)} {draw.choice(LAST)}" for n in range(people)}
    stems = [f"{last[:5]}{draw.choice('aeiou')}" for last in LAST]
    names |= {f"town{n}": draw.choice(stems) + draw.choice(ENDS) for n in range(towns)}
    names |= {f"firm{n}": f"{draw.choice(LAST)} & {draw.choice(LAST)}" for n in range(firms)}
    names |= {trade: trade for trade in TRADES}
    facts = []
    for n in range(people):
        who = f"person{n}"
        facts.append((who, "born_in", f"town{draw.randrange(towns)}"))
        facts.append((who, "trade", draw.choice(TRADES)))
        facts.append((who, "works_for", f"firm{draw.randrange(firms)}"))
        facts += [(who, "parent", f"person{draw.randrange(n)}") for _ in range(2) if n > 4]
        facts += [(who, "friend", f"person{draw.randrange(people)}") for _ in range(2)]
    facts += [(f"firm{n}", "seat", f"town{draw.randrange(towns)}") for n in range(firms)]
    return facts, names


def misspelt(name, draw):
    """A name with a slip, without its accents, or with its words the other way round."""
    kind = draw.random()
    if kind < 0.3:
        at = draw.randrange(1, len(name) - 1)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind < 0.5:
        at = draw.randrange(1, len(name))
        return name[:at] + name[at + 1 :]
    if kind < 0.7:
        letters = unicodedata.normalize("NFKD", name)
        return "".join(letter for letter in letters if not unicodedata.combining(letter))
    if kind < 0.85 and " " in name:
        first, last = name.split(" ", 1)
        return f"{last}, {first}"
    return name.upper()


def told_twice(people, seed=0):
    """Both tellings in one graph, ids `a:...` and `b:...`, and the pairs of ids that are one."""
    facts, names = country(people, seed)
    draw = random.Random(seed + 1)
    triples, labels = [], {}
    for teller in "ab":
        for fact in facts:
            if draw.random() < KNOWN:
                head, relation, tail = fact
                triples.append((f"{teller}:{head}", relation, f"{teller}:{tail}"))
    for one in {end for head, _, tail in triples for end in (head, tail)}:
        teller, thing = one.split(":")
        slips = teller == "b" and draw.random() < 0.6
        labels[one] = misspelt(names[thing], draw) if slips else names[thing]
    entities = pa.table({"id": list(labels), "label:en": list(labels.values())})
    graph = KnowledgeGraph.build("told", triples, entities)
    same = {f"a:{thing}": f"b:{thing}" for thing in names}
    return graph, {(a, b) for a, b in same.items() if {a, b} <= labels.keys()}

"""A family small enough to know by heart, with everything that makes graphs hard.

ann =spouse= bob        their children: carl, dora; carl's children: emma, finn
ann2                    another Ann, a namesake without kin
bob -friend-> bob       a self-loop
carl -spouse-> gina, carl -friend-> gina       parallel edges
emma -friend-> finn -friend-> gina -friend-> emma   a cycle
zed                     labelled, in no triple
"""

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.readers import read_graph

TRIPLES = (
    ("ann", "child", "carl"),
    ("ann", "child", "dora"),
    ("ann", "nationality", "norway"),
    ("ann", "spouse", "bob"),
    ("ann2", "nationality", "peru"),
    ("bob", "child", "carl"),
    ("bob", "child", "dora"),
    ("bob", "friend", "bob"),
    ("bob", "nationality", "peru"),
    ("bob", "spouse", "ann"),
    ("carl", "child", "emma"),
    ("carl", "child", "finn"),
    ("carl", "friend", "gina"),
    ("carl", "nationality", "norway"),
    ("carl", "spouse", "gina"),
    ("dora", "nationality", "peru"),
    ("emma", "friend", "finn"),
    ("finn", "friend", "gina"),
    ("gina", "friend", "emma"),
)

ENTITIES = (
    ("ann", "Ann Berg", "安·伯格", ""),
    ("ann2", "Ann Berg", "安·伯格二世", ""),
    ("bob", "Bob Berg", "鲍勃·伯格", "Bobby|The Captain"),
    ("carl", "Carl Berg", "卡尔·伯格", ""),
    ("dora", "Dora Berg-Lund", "多拉·伯格-伦德", ""),
    ("emma", "Emma", "艾玛", ""),
    ("finn", "Finn", "芬恩", ""),
    ("gina", "Gina", "吉娜", ""),
    ("norway", "Norway", "挪威", "Kingdom of Norway"),
    ("peru", "Peru", "秘鲁", ""),
    ("zed", "Zed", "泽德", ""),
)

RELATIONS = (
    ("child", "child", "子女"),
    ("friend", "friend", "朋友"),
    ("nationality", "nationality", "国籍"),
    ("spouse", "spouse", "配偶"),
)


def write_family(folder):
    """The family as three files: triples, entity labels, relation labels."""
    files = {
        "triples.tsv": [("head", "relation", "tail"), *TRIPLES],
        "entities.tsv": [("entity", "label:en", "label:zh", "aliases"), *ENTITIES],
        "relations.tsv": [("relation", "label:en", "label:zh"), *RELATIONS],
    }
    for name, rows in files.items():
        text = "".join("\t".join(row) + "\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def family(folder) -> KnowledgeGraph:
    """The family as a graph."""
    return read_graph("family", write_family(folder))[0]


def names_of(graph, codes):
    """Relation codes by name."""
    return tuple(graph.relation_id(code) for code in codes)

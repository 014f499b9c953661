"""Names that a text is nearly spelled like, however a person slipped.

The nearness of two texts is the share of letters that stay as they are when the one is turned into
the other by letters more, fewer, other, or two swapped (optimal string alignment). Nothing is
learned, stored or downloaded. Time follows the number of names: 40,000 take some 50 ms a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.names import Resemblance, entity_names, nearest
from core.plain_text import UNSPACED, joined

_UNSPACED = re.compile(f"[{UNSPACED}]")
_INFLECTED = re.compile("[\u0400-\u04ff ]{8,}")


class SpelledNames:
    """All labels and aliases of a graph, in all languages; a `NameSearch`."""

    match: Literal["spelling", "vector"] = "spelling"
    threshold = 0.65  # of a Chinese name of three characters, one may be wrong
    of_letters = 0.76  # of a name of five letters, one; fewer make another word
    inflected = 0.7  # of a long Cyrillic name, its ending

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._entities, self._names = entity_names(graph)

    def search_all(self, texts: Sequence[str], k: int = 5) -> list[tuple[Resemblance, ...]]:
        """See `NameSearch.search_all`; what is below the threshold is left out."""
        return [self._search(joined(text), k) for text in texts]

    def _search(self, text: str, k: int) -> tuple[Resemblance, ...]:
        found = process.extract(
            text,
            self._names,
            scorer=OSA.normalized_similarity,
            limit=4 * k,  # an entity may have several names near
            score_cutoff=self._least(text),
        )
        return nearest(
            (Resemblance(int(self._entities[row]), name, score) for name, score, row in found), k
        )

    def _least(self, text: str) -> float:
        if _UNSPACED.search(text):
            return self.threshold
        return self.inflected if _INFLECTED.fullmatch(text) else self.of_letters

"""Any causal language model as a teacher: it scores every candidate path, given the question.

A path c is spelled in words ("born in -> city of.", "directed by (backwards)."), and a tree's paths
are the candidates. Likelihood alone favours what is short and common whatever is asked, so what
counts is the *gain*, how much more likely the question makes it (pointwise mutual information):

    s(c)    = log P_LM(c | question) - log P_LM(c | no question)
    P(path) = softmax of s / temperature over all paths of the tree

The model and its tokenizer are free to be anything: labels are over paths, not tokens.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.graph.knowledge_graph import KnowledgeGraph
from core.records import TOPIC_MARK
from core.teacher.lexical_matching import path_distribution
from core.teacher.lexical_teacher import from_paths
from core.teacher.question_encoder import OTHER
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import ScoredTree

ASKED = "Question: {question}\nWhat to look up, step by step: {topic} ->"
UNASKED = "What to look up, step by step: {topic} ->"

TOGETHER = 32
"""Candidates scored at a time."""


class LanguageModelScorer:
    """Scores paths by how much more likely the question makes their words.

    Args:
        graph: Whose relations are spelled.
        model: A causal language model, on the device where it shall compute.
        tokenizer: Its tokenizer.
        temperature: Of the softmax over paths; above 0.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        temperature: float,
    ) -> None:
        self.graph, self.temperature = graph, temperature
        self._model: Any = model.eval()
        self._tokenizer: Any = tokenizer

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order."""
        for asked in trees:
            yield from_paths(asked, path_distribution(self.gains(asked), self.temperature))

    def gains(self, asked: QuestionTree) -> np.ndarray:
        """The gain s of each path in nats: `(nodes,)`, 0 at the root."""
        topic = _spaced(self.graph.label(asked.tree.topic, asked.question.language))
        words = " ".join("that" if word == OTHER else word for word in asked.words)
        question = words.replace(TOPIC_MARK, topic)
        spelled = [self.spelled(asked, node) for node in range(1, len(asked.tree))]
        given = self.log_likelihoods(ASKED.format(question=question, topic=topic), spelled)
        anyway = self.log_likelihoods(UNASKED.format(topic=topic), spelled)
        return np.concatenate([[0.0], given - anyway])

    def spelled(self, asked: QuestionTree, node: int) -> str:
        """A path in words of the question's language."""
        language, count = asked.question.language, self.graph.relation_count
        hops = []
        for code in asked.tree.prefix(node):
            label = _spaced(self.graph.relation_label(code % count, language))
            hops.append(f"{label} (backwards)" if code >= count else label)
        return " " + " -> ".join(hops) + "."

    @torch.no_grad()
    def log_likelihoods(self, prompt: str, candidates: Sequence[str]) -> np.ndarray:
        """Log-probability of each candidate after a prompt, in nats: `(candidates,)`.

        A candidate's tokens are those that it has after the prompt. Where one of them merges with
        the end of the prompt, that end counts for all. The prompt is read once; candidates are
        padded behind, where causal attention never looks.
        """
        said = self._tokenizer(prompt)["input_ids"]
        rows = [self._tokenizer(prompt + one)["input_ids"] for one in candidates]
        shared = min(_shared(said, row) for row in rows)
        # The last shared token is read again with each candidate: it foretells the first one.
        past, read = None, 0
        if shared > 1:
            output = self._model(self._ids([said[: shared - 1]]), use_cache=True)
            past = getattr(output, "past_key_values", None)
            read = 0 if past is None else shared - 1
        found = []
        for begin in range(0, len(rows), TOGETHER):
            chosen = [row[read:] for row in rows[begin : begin + TOGETHER]]
            each = self._log_probabilities(chosen, past, read)
            for row, values in zip(chosen, each, strict=True):
                found.append(float(values[shared - read - 1 : len(row) - 1].sum()))
        return np.array(found)

    def _log_probabilities(
        self, rows: Sequence[Sequence[int]], past: Any, read: int
    ) -> torch.Tensor:
        """Log-probability of each token of some rows but the first: `(rows, longest - 1)`."""
        ids = self._ids(rows)
        mask = torch.ones(len(rows), read + ids.shape[1], dtype=torch.long, device=ids.device)
        for number, row in enumerate(rows):
            mask[number, read + len(row) :] = 0
        if past is not None:
            past = copy.deepcopy(past)  # reading adds to it
            past.batch_repeat_interleave(len(rows))
        output = self._model(ids, attention_mask=mask, past_key_values=past, use_cache=False)
        logits: torch.Tensor = output.logits[:, :-1].double()
        return logits.gather(2, ids[:, 1:, None])[..., 0] - torch.logsumexp(logits, -1)

    def _ids(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Token ids padded behind: `(rows, longest)`."""
        tokens = [torch.tensor(row) for row in rows]
        return pad_sequence(tokens, batch_first=True).to(self._model.device)


def _spaced(label: str) -> str:
    """A label as a language model has read it: in words, not in an identifier's underscores.

    It stays on its line: what a label holds shall not pass for a part of the prompt.
    """
    return " ".join(label.replace("_", " ").split())


def _shared(prompt: Sequence[int], whole: Sequence[int]) -> int:
    """How many tokens two token sequences begin with together; at least one."""
    shared = 0
    for one, other in zip(prompt, whole, strict=False):
        if one != other:
            break
        shared += 1
    return max(shared, 1)

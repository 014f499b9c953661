"""Letting a student speak paths: freely, or only such paths as exist in the graph.

Constrained decoding masks every token that does not continue a path of the trie and renormalises,
so each path is valid by construction and its probability is exact under the constrained student:

    P(path) = product over tokens of  p(token) / (student mass on the allowed tokens)

Beam search keeps the best paths; with as many beams as there are paths it is exhaustive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from core.records import RelationPath
from core.student.path_trie import PathTrie
from core.student.prompts import Speller

LONGEST_PATH = 96
"""Tokens a path may take."""


@dataclass(frozen=True)
class SpokenPath:
    """A path as the student spoke it, with its probability under the way it was decoded."""

    relations: RelationPath
    probability: float


@torch.no_grad()
def speak(
    model: PreTrainedModel,
    speller: Speller,
    questions: Sequence[str],
    beams: int,
    tries: Sequence[PathTrie] | None = None,
) -> list[list[SpokenPath]]:
    """The best paths for each question, most probable first.

    Args:
        model: A causal language model.
        speller: How it spells.
        questions: Texts.
        beams: Paths kept at each step, and returned at most.
        tries: What may be said to each question; None to decode freely.
    """
    prompts = [speller.prompt(text) for text in questions]
    longest = max(len(prompt) for prompt in prompts)
    pad = int(model.config.pad_token_id)
    ids = torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=model.device)
    mask = torch.tensor(
        [[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=model.device
    )

    def allowed(row: int, sequence: torch.Tensor) -> list[int]:
        assert tries is not None
        # A finished or hopeless beam has nothing to say; it still must be given something.
        return tries[row].allowed(sequence[longest:].tolist()) or [speller.stop]

    output = model.generate(
        input_ids=ids,
        attention_mask=mask,
        num_beams=beams,
        num_return_sequences=beams,
        do_sample=False,
        max_new_tokens=LONGEST_PATH,
        length_penalty=0.0 if beams > 1 else 1.0,  # 1 says nothing, which is all greedy allows
        early_stopping=False,
        renormalize_logits=True,
        prefix_allowed_tokens_fn=allowed if tries is not None else None,
        pad_token_id=pad,
        eos_token_id=speller.stop,
        return_dict_in_generate=True,
        output_scores=True,
    )
    if beams > 1:
        scores = output.sequences_scores
    else:
        steps = model.compute_transition_scores(
            output.sequences, output.scores, normalize_logits=False
        )
        scores = steps.masked_fill(output.sequences[:, longest:] == pad, 0.0).sum(-1)
    spoken: list[list[SpokenPath]] = []
    rows = zip(output.sequences[:, longest:].tolist(), scores.exp().tolist(), strict=True)
    for number, (tokens, probability) in enumerate(rows):
        if number % beams == 0:
            spoken.append([])
        if probability > 0 and (tries is None or speller.stop in tokens):
            spoken[-1].append(SpokenPath(speller.read(tokens), probability))
    return [_distinct(paths) for paths in spoken]


def _distinct(paths: list[SpokenPath]) -> list[SpokenPath]:
    """One entry per path: free decoding may spell the same path in several ways."""
    total: dict[RelationPath, float] = {}
    for path in paths:
        total[path.relations] = total.get(path.relations, 0.0) + path.probability
    spoken = [SpokenPath(relations, probability) for relations, probability in total.items()]
    return sorted(spoken, key=lambda path: -path.probability)

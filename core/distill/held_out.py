"""How a student stands on fixed questions, measured alike whatever alpha and T are.

A loss whose weights move cannot be compared with itself; these can, from the first step to the last
and between runs. All at T = 1, in nats per question, on questions that it does not learn from:

    dev_hard        - log p_S(gold path), the mean over the question's gold paths
    dev_kl_path     KL between the teacher's and the student's distributions over whole paths
    dev_on_graph    the student's mass on the paths (and buckets) that the label spells, 0 to 1

The label that is held against is the teacher's whole one, whatever part of it the student learns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from transformers import PreTrainedModel

from core.distill.examples import Collator, Example, Row
from core.distill.losses import hard_loss, student_log_probs
from core.distill.soft_targets import TrieTargets
from core.student.output_layer import logits_only_at
from core.student.scoring import score_tree

BATCH = 32
"""Gold paths scored at a time."""


def held_out_metrics(
    model: PreTrainedModel, examples: Sequence[Example], pad: int
) -> dict[str, float]:
    """The measures above, each where some question allows it.

    Args:
        model: The student; it comes back in the mode in which it was.
        examples: Held-out questions.
        pad: The padding token.
    """
    training = model.training
    model.eval()
    try:
        golden = [example for example in examples if example.gold]
        labelled = [(e.prompt, e.soft) for e in examples if e.soft is not None]
        found = {}
        if golden:
            found["dev_hard"] = _gold_loss(model, golden, pad)
        if labelled:
            pairs = [_against_label(model, prompt, soft) for prompt, soft in labelled]
            found["dev_kl_path"], found["dev_on_graph"] = map(float, np.mean(pairs, axis=0))
        return found
    finally:
        model.train(training)


@torch.no_grad()
def _gold_loss(model: PreTrainedModel, examples: Sequence[Example], pad: int) -> float:
    rows = [
        (Row(example.prompt, path, True, []), 1 / len(example.gold))
        for example in examples
        for path in example.gold
    ]
    total = 0.0
    for begin in range(0, len(rows), BATCH):
        chosen = rows[begin : begin + BATCH]
        batch = Collator(pad)([[row] for row, _ in chosen])
        with logits_only_at(model, batch["hard_at"].to(model.device)):
            output = model(
                input_ids=batch["input_ids"].to(model.device),
                attention_mask=batch["attention_mask"].to(model.device),
            )
        share = np.concatenate([np.full(len(row.path), weight) for row, weight in chosen])
        weight = torch.as_tensor(share, device=model.device)
        tokens = batch["hard_tokens"].to(model.device)
        at = torch.arange(len(tokens), device=model.device)
        total += hard_loss(student_log_probs(output.logits[0]), at, tokens, weight).item()
    return total / len(examples)


def _against_label(
    model: PreTrainedModel, prompt: list[int], soft: TrieTargets
) -> tuple[float, float]:
    """KL of the paths, and the student's mass on all that the label spells."""
    said = score_tree(model, prompt, soft.path_trie())
    p = soft.masses[soft.ends]
    leaves = np.diff(soft.starts) == 0
    kl = float((p * (np.log(p) - said[soft.ends])).sum())
    return kl, float(np.exp(said[leaves]).sum())

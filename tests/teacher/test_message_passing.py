"""One round of message passing against its formula, edge by edge."""

import torch

from core.teacher.message_passing import EntityStates, MessageRound


def test_a_round_is_its_formula():
    torch.manual_seed(0)
    width, entities, codes, questions = 4, 5, 3, 2
    round_ = MessageRound(width).double()
    x, relations, asked = (
        torch.randn(count, width, dtype=torch.float64) for count in (entities, codes, questions)
    )
    # Entity 4 hears nothing; entity 1 hears twice from 0, through two relations; 3 is its own.
    edges = [(0, 1, 0, 0), (0, 1, 2, 0), (2, 1, 1, 0), (1, 0, 1, 0), (3, 3, 0, 1), (1, 2, 2, 1)]
    source, target, code, question = torch.tensor(edges).T
    made = round_(x, torch.stack([source, target]), code, question, relations, asked)

    for entity in range(entities):
        messages = [
            torch.sigmoid(round_.gate_question(asked[q]) + round_.gate_relation(relations[r]))
            * (round_.speak(x[s]) + round_.through(relations[r]))
            for s, t, r, q in edges
            if t == entity
        ]
        heard = torch.stack(messages).mean(0) if messages else torch.zeros(width).double()
        by_hand = round_.norm(x[entity] + torch.relu(round_.hear(torch.cat([x[entity], heard]))))
        torch.testing.assert_close(made[entity], by_hand, rtol=1e-12, atol=1e-12)


def test_entities_begin_as_their_kind_and_the_topic_is_marked():
    torch.manual_seed(0)
    states = EntityStates(4, 0).double()
    torch.nn.init.normal_(states.topic)
    kinds = torch.randn(2, 4, dtype=torch.float64)
    none = torch.zeros(2, 0, dtype=torch.long)
    empty = torch.zeros(0, dtype=torch.long)
    made = states(kinds, torch.tensor([False, True]), none, empty, empty, kinds, kinds)
    torch.testing.assert_close(made[0], states.kind(kinds[0]))
    torch.testing.assert_close(made[1], states.kind(kinds[1]) + states.topic)

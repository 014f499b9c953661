"""A text encoder that knows nothing, as small as can be, as its library saves it."""

import tempfile

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling
from transformers import BertConfig, BertModel

from tests.plain_llama import plain_tokenizer


def save_plain_encoder(folder):
    """Write one: a transformer of one layer, its mean, eight numbers of it, of length 1."""
    tokenizer = plain_tokenizer(pad_token="<end>")
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
    )
    with tempfile.TemporaryDirectory() as place:
        tokenizer.save_pretrained(place)
        BertModel(config).save_pretrained(place)
        first = SentenceTransformer(place, device="cpu")[0]
    parts = [first, Pooling(16), Dense(16, 8), Normalize()]
    SentenceTransformer(modules=parts, device="cpu").save(str(folder))

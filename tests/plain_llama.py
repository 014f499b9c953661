"""A pretrained causal language model that knows nothing of paths, as small as can be."""

import tempfile
from pathlib import Path

import gguf
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from core.export.gguf_file import write_gguf

TEXTS = ("What is the nationality of the children?", "place_of_birth", "谁是配偶?", "child spouse")


def plain_tokenizer(**named):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<end>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)


def save_plain_llama(folder, *, spare=0, tied=True):
    """Write one; `spare` rows of its vocabulary belong to no token. Returns the model."""
    tokenizer = plain_tokenizer(eos_token="<end>")
    config = LlamaConfig(
        vocab_size=len(tokenizer) + spare,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model


def save_plain_gguf(path, *, chat_template=None):
    """Write one as a GGUF file, maybe with a template as others write it. Returns the model."""
    with tempfile.TemporaryDirectory() as folder:
        model = save_plain_llama(folder)
    tokenizer = plain_tokenizer(eos_token="<end>", pad_token="<end>")
    with pytest.MonkeyPatch.context() as patch:
        if chat_template is not None:
            add_name = gguf.GGUFWriter.add_name
            patch.setattr(
                gguf.GGUFWriter,
                "add_name",
                lambda self, name: (add_name(self, name), self.add_chat_template(chat_template)),
            )
        write_gguf(Path(path), model, tokenizer, "float32", "plain")
    return model

"""A student in GGUF says what it says elsewhere: read back by transformers, run by llama.cpp."""

import gguf
import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from core.errors import FormatError
from core.export.gguf_file import write_gguf
from core.records import TOPIC_MARK
from core.student.language_model import build_tiny
from core.student.prompts import Speller
from tests.plain_llama import save_plain_llama

QUESTIONS = ["What is the nationality of X?", "谁是 X 的配偶?", "In 1984, who was born?"]
RELATIONS = ["born_in", "country_of_city", "配偶"]


@pytest.fixture(scope="module")
def student():
    torch.manual_seed(0)
    model, tokenizer = build_tiny(QUESTIONS, RELATIONS)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.2)  # far from uniform, so that the best token is sure
    return model.eval(), tokenizer


def ids(tokenizer):
    speller = Speller(tokenizer)
    prompt = speller.prompt(f"What is the nationality of {TOPIC_MARK}?")
    return torch.tensor([prompt + speller.spell(("born_in", "配偶"))])


def read_back(path):
    where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    model = AutoModelForCausalLM.from_pretrained(
        **where, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    return model.eval(), AutoTokenizer.from_pretrained(**where)


@torch.no_grad()
def difference(model, other, tokens):
    return float((model(tokens).logits - other(tokens).logits).abs().max())


@pytest.mark.parametrize(("weights", "most"), [("float32", 1e-5), ("float16", 0.05), ("q8_0", 1.0)])
def test_what_is_read_back_computes_the_same(student, tmp_path, weights, most):
    model, tokenizer = student
    write_gguf(tmp_path / "s.gguf", model, tokenizer, weights, "s")
    again, spelled = read_back(tmp_path / "s.gguf")
    assert difference(model, again, ids(tokenizer)) < most
    for text in (*QUESTIONS, "Is <topic> born_in?<path>"):
        tokens = tokenizer.encode(text, add_special_tokens=False)
        assert spelled.encode(tokenizer.decode(tokens), add_special_tokens=False) == tokens


def test_smaller_weights_make_smaller_files(student, tmp_path):
    sizes = []
    for weights in ("float32", "float16", "q8_0"):
        write_gguf(tmp_path / weights, *student, weights, "s")
        sizes.append((tmp_path / weights).stat().st_size)
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3


def test_grouped_heads_and_a_head_of_its_own(tmp_path):
    model = save_plain_llama(tmp_path, tied=False).eval()  # 4 heads of queries, 2 of keys
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    tokenizer.pad_token = "<end>"
    write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")
    tokens = torch.tensor([tokenizer.encode("place_of_birth child")])
    assert difference(model, read_back(tmp_path / "s.gguf")[0], tokens) < 1e-5


def test_qwen2_keeps_its_rows_and_biases(student, tmp_path):
    tokenizer = student[1]
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_()
    write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")
    assert difference(model, read_back(tmp_path / "s.gguf")[0], ids(tokenizer)) < 1e-5


def test_spare_rows_are_no_tokens(student, tmp_path):
    save_plain_llama(tmp_path / "hf", spare=3)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "hf")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hf")
    tokenizer.pad_token = "<end>"
    write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")
    types = gguf.GGUFReader(tmp_path / "s.gguf").fields["tokenizer.ggml.token_type"].contents()
    assert len(types) == model.config.vocab_size
    assert types[-3:] == [gguf.TokenType.UNUSED] * 3


def test_what_gguf_cannot_say_is_refused(student, tmp_path):
    model, tokenizer = build_tiny(QUESTIONS, RELATIONS)
    model.config.rope_parameters = {"rope_type": "yarn", "rope_theta": 1e4}
    with pytest.raises(FormatError, match="'yarn' positions cannot be written as GGUF; export it"):
        write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")
    model.config.model_type = "gpt2"
    with pytest.raises(FormatError, match="architecture 'gpt2' cannot be written as GGUF, only"):
        write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(FormatError, match="tokenizer cannot be said in GGUF: only byte-level BPE"):
        write_gguf(tmp_path / "s.gguf", student[0], tokenizer, "float32", "s")


def test_weights_that_gguf_cannot_name_are_refused(student, tmp_path):
    _, tokenizer = student
    model, _ = build_tiny(QUESTIONS, RELATIONS)
    model.register_buffer("of_our_own", torch.zeros(2))
    with pytest.raises(FormatError, match="no name for the student's weights 'of_our_own'; export"):
        write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")


@pytest.mark.parametrize("weights", ["float32", "float16"])
def test_llama_cpp_says_the_same(student, tmp_path, weights):
    xllamacpp = pytest.importorskip("xllamacpp")
    model, tokenizer = student
    write_gguf(tmp_path / "s.gguf", model, tokenizer, weights, "s")
    prompt = "What is the nationality of <topic>?<path>"
    asked = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
    with torch.no_grad():
        said = model.generate(**asked, max_new_tokens=12, do_sample=False)
    tokens = said[0, asked["input_ids"].shape[1] :].tolist()
    wanted = [t for t in tokens if t != tokenizer.eos_token_id]

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(tmp_path / "s.gguf")
    parameters.n_ctx, parameters.n_parallel, parameters.warmup = 256, 1, False
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    # As tokens, or as text in its normal form.
    for given in (asked["input_ids"][0].tolist(), " what is the nationality of<topic><path>"):
        answer = server.handle_completions({"prompt": given, "max_tokens": 12, "temperature": 0})
        assert answer["choices"][0]["text"] == tokenizer.decode(wanted)

"""Holes of programs that open models, replayed: pickles, templates, headers that lie, addresses."""

import http.server
import json
import os
import pickle
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import huggingface_hub
import jinja2
import pytest
from transformers import AutoTokenizer

from core import sizing
from core.catalogue import BY_RECIPE, RUNS
from core.errors import CoreError, FormatError
from core.pretrained.architecture import architecture
from core.pretrained.embedders import load_embedder
from core.pretrained.models.language_models import load_language_model
from core.report import Silent
from core.runs.worker.recipe_loading import load_recipe
from core.settings import DistillSettings, checked
from core.student.pretrained import load_pretrained
from core.student.saving import save_model
from core.teacher.text_vectors import open_text_vectors
from core.workspace import Workspace
from tests.family_loop import world
from tests.gguf_bytes import array, gguf, tensor, words
from tests.plain_encoder import save_plain_encoder
from tests.plain_llama import save_plain_gguf, save_plain_llama

ROOT = Path(__file__).parents[2]
TEMPLATE = "{{ cycler.__init__.__globals__.os.mkdir('PLACE') }}{% for m in messages %}{% endfor %}"


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, place):
        self.place = str(place)

    def __reduce__(self):
        return os.mkdir, (self.place,)


@pytest.fixture
def llama(tmp_path):
    folder = tmp_path / "llama"
    save_plain_llama(folder)
    return folder


@pytest.fixture
def ran(tmp_path):
    """What comes to be where foreign code runs."""
    return tmp_path / "ran"


@pytest.fixture
def opened(request):
    """The names of files that this process has opened since."""
    found, on = set(), [True]

    def note(event, args):
        if on and event == "open" and isinstance(args[0], str | bytes):
            found.add(Path(os.fsdecode(args[0])).name)

    sys.addaudithook(note)  # for good: a hook cannot be taken away
    yield found
    on.clear()


PICKLES = [
    "pytorch_model.bin", "adapter_model.bin", "value_head.bin", "training_args.bin", "optimizer.pt",
    "scheduler.pt", "rng_state.pth", "model.pkl", "consolidated.00.pth",
]  # fmt: skip


@pytest.mark.parametrize("whole", [True, False], ids=["beside weights", "instead of weights"])
def test_cve_2025_53002_no_pickle_of_a_checkpoint_is_opened(llama, ran, opened, whole):
    """LLaMA-Factory read `value_head.bin` of a checkpoint with `torch.load`."""
    for name in PICKLES:
        (llama / name).write_bytes(pickle.dumps(Bomb(ran)))
    opened.clear()
    if not whole:
        (llama / "model.safetensors").unlink()
    try:
        load_pretrained(str(llama), llama)
    except FormatError as error:
        assert not whole and "which can run code and is not read" in str(error)
    assert not opened & set(PICKLES) and not ran.exists()
    assert not whole or "config.json" in opened  # so the hook sees what is opened


def test_cve_2026_24747_not_even_weights_only(llama, ran, opened, monkeypatch):
    """PyTorch's own unpickler of weights could be made to corrupt memory."""
    import torch

    monkeypatch.setattr(torch, "load", lambda *args, **kwargs: pytest.fail("torch.load"))
    for name in PICKLES:
        (llama / name).write_bytes(pickle.dumps(Bomb(ran)))
    opened.clear()
    load_pretrained(str(llama), llama)
    (llama / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"}))
    with pytest.raises(FormatError, match="holds an adapter"):
        load_pretrained(str(llama), llama)
    assert not opened & set(PICKLES) and not ran.exists()


@pytest.mark.parametrize("kind", ["gguf", "folder", "file"])
def test_cve_2026_5760_no_template_of_a_model_is_rendered(tmp_path, llama, ran, kind, monkeypatch):
    """SGLang rendered `tokenizer.chat_template` of a GGUF file, which is a program."""
    template, path = TEMPLATE.replace("PLACE", str(ran)), llama
    if kind == "gguf":
        path = tmp_path / "x.gguf"
        save_plain_gguf(path, chat_template=template)
        assert template.encode() in path.read_bytes()
    elif kind == "folder":
        tokenizer = AutoTokenizer.from_pretrained(llama)
        tokenizer.chat_template = template
        tokenizer.save_pretrained(llama)
        assert any(template in file.read_text() for file in llama.glob("*.jinja"))
    else:
        change = json.loads((llama / "tokenizer_config.json").read_text())
        (llama / "tokenizer_config.json").write_text(
            json.dumps({**change, "chat_template": template})
        )
    monkeypatch.setattr(
        jinja2.Environment, "compile", lambda *args, **kwargs: pytest.fail("a template is compiled")
    )
    model, tokenizer = load_pretrained(str(path), tmp_path)
    assert tokenizer.chat_template is None
    tokenizer("Where was Ada born?")
    save_model(tmp_path / "student", model, tokenizer)
    for file in (tmp_path / "student").rglob("*"):
        assert file.is_dir() or b"__globals__" not in file.read_bytes()
    assert not ran.exists()


HUGE = 2**64 - 1
LYING = {
    "count of values": gguf(counts=(2, HUGE)),
    "count of tensors": gguf(counts=(HUGE, 4)),
    "length of an array": gguf({"x": array([], kind=0, claimed=40_000_000)}),
    "length of a list": gguf({"tokenizer.ggml.tokens": array([], claimed=HUGE // 9)}),
    "shape": gguf(tensors=[tensor("t", (2**31, 2**31))]),
    "place": gguf(tensors=[tensor("t", (8,), offset=2**40)]),
    "type": gguf(tensors=[tensor("t", (8,), kind=77)]),
    "overlap": gguf(tensors=[tensor("a", (16,)), tensor("b", (8,), offset=32)]),
    "no more": gguf({"general.name": words("x")}, data=b""),
}


@pytest.mark.parametrize("lie", LYING)
def test_cve_2026_7482_a_header_that_lies_reads_nothing_beyond(tmp_path, lie):
    """Ollama believed a GGUF file's sizes and read on into its own memory."""
    path = tmp_path / "x.gguf"
    path.write_bytes(LYING[lie])
    for opens in (architecture, lambda name: load_language_model(name, tmp_path)):
        with pytest.raises(FormatError, match=r"x\.gguf is no GGUF file of a language model"):
            opens(str(path))


def test_seventy_three_bytes_take_no_memory(tmp_path):
    """The process that asks grows by less than 20 MB, whatever the file claims."""
    path = tmp_path / "x.gguf"
    whole = LYING["length of an array"]
    path.write_bytes(whole[: whole.index(b"general.arch") - 8] + bytes(8))
    script = (
        "import resource, sys\n"
        "from core.errors import FormatError\n"
        "from core.pretrained.architecture import architecture\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name in sys.argv[1:]:\n"
        "    try: architecture(name)\n"
        "    except FormatError as error: pass\n"
        "    else: sys.exit('read')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    small = tmp_path / "small.gguf"
    claim = array([], kind=0, claimed=40_000_000)
    key = b"\x05\0\0\0\0\0\0\0a.b.c"
    small.write_bytes((whole[:8] + bytes(8) + b"\x01" + bytes(7) + key + claim).ljust(73, b"\0"))
    assert small.stat().st_size == 73
    done = subprocess.run(
        [sys.executable, "-c", script, small, path],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20_000  # kilobytes


def test_no_question_is_asked_and_no_code_runs_though_somebody_says_yes(llama, ran):
    """Code of a model's own, by its configuration, its tokenizer, and both."""
    (llama / "mine.py").write_text(f"import os\nos.mkdir({str(ran)!r})\nclass Config: pass\n")
    config = json.loads((llama / "config.json").read_text())
    code = {"AutoConfig": "mine.Config", "AutoModelForCausalLM": "someone/else--mine.Config"}
    (llama / "config.json").write_text(
        json.dumps({**config, "model_type": "mine", "auto_map": code})
    )
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from core.pretrained.models import language_models as m\n"
        "for load in (lambda p: m.load_language_model(str(p), p), m._load_folder):\n"
        "    try: load(Path(sys.argv[1]))\n"
        "    except m.FormatError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, llama],
        cwd=ROOT, input="y\n" * 20, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.count("needs code of its own, which is") == 2
    assert not ran.exists() and "[y/N]" not in done.stdout + done.stderr


class Recorder(http.server.BaseHTTPRequestHandler):
    """Notes every request, and sends it on to the other one."""

    def do_GET(self):
        self.server.seen.append(self.path)
        self.send_response(200 if self.path == "/inside" else 302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/inside")
        self.end_headers()

    do_HEAD = do_POST = do_GET

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def recorder():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


SPELLINGS = [
    "http://127.0.0.1:{port}/m", "http://localhost:{port}/m.gguf", "http://2130706433:{port}/m",
    "http://0x7f.0.0.1:{port}/m", "http://0177.0.0.1:{port}/m", "http://127.1:{port}/m",
    "http://[::ffff:127.0.0.1]:{port}/m", "HTTP://127.0.0.1:{port}/m.jsonl",
    "http://user@127.0.0.1:{port}/m.tsv", "//127.0.0.1:{port}/m", "127.0.0.1:{port}/m",
    "http:127.0.0.1:{port}/m", "http:///127.0.0.1:{port}/m", "https://127.0.0.1:{port}/m.zip",
    "ftp://127.0.0.1:{port}/m", "s3://127.0.0.1:{port}/m", "file://127.0.0.1:{port}/m",
]  # fmt: skip


@pytest.fixture
def asked_of_the_network(monkeypatch):
    """What this process asks of the network, with the hub allowed to be asked."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    found, on = [], [True]

    def note(event, args):
        if on and event in (
            "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
        ):  # fmt: skip
            found.append((event, args[1:] if event == "socket.connect" else args))

    sys.addaudithook(note)
    yield found
    on.clear()


def refused(act):
    with pytest.raises(CoreError):
        act()


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_cve_2025_61784_no_address_is_asked_for_a_model(
    spelled, recorder, asked_of_the_network, tmp_path
):
    """LLaMA-Factory fetched what a request named, from private addresses too."""
    address = spelled.format(port=recorder.server_port)
    settings = {"name": "x", "teacher": "x", "student": address}
    refused(lambda: sizing.estimate(checked(DistillSettings, settings), 10))
    refused(lambda: architecture(address))
    refused(lambda: load_language_model(address, tmp_path))
    refused(lambda: load_embedder(address, tmp_path))
    refused(lambda: open_text_vectors(Workspace(), address))
    assert asked_of_the_network == [] and recorder.seen == []


def test_what_is_asked_of_the_network_is_seen(recorder, asked_of_the_network):
    with urllib.request.urlopen(f"http://127.0.0.1:{recorder.server_port}/x") as answer:
        assert answer.status == 200
    assert recorder.seen == ["/x", "/inside"] and asked_of_the_network


def test_no_address_in_a_model_is_asked(llama, recorder, asked_of_the_network, tmp_path):
    """A configuration, a tokenizer, an index, an adapter and a text encoder that name one each."""
    address = f"http://127.0.0.1:{recorder.server_port}/x"
    named = {"_name_or_path": address, "name_or_path": address, "base_model_name_or_path": address}
    named |= {"tokenizer_file": address, "vocab_file": address, "custom_generate": address}
    for name in ("config.json", "tokenizer_config.json", "generation_config.json"):
        told = json.loads((llama / name).read_text())
        (llama / name).write_text(json.dumps({**told, **named}))
        try:
            load_pretrained(str(llama), llama)
        except FormatError:
            (llama / name).write_text(json.dumps(told))
    (llama / "adapter_config.json").write_text(json.dumps(named))
    refused(lambda: load_pretrained(str(llama), llama))
    save_plain_encoder(tmp_path / "encoder")
    asked_of_the_network.clear()
    reading = tmp_path / "encoder" / "sentence_bert_config.json"
    reading.write_text(json.dumps({"tokenizer_name_or_path": address}))
    refused(lambda: load_embedder(str(tmp_path / "encoder"), tmp_path))
    assert asked_of_the_network == [] and recorder.seen == []


TEXTS = [
    (recipe, field)
    for recipe in (*RUNS, "answer_question")
    for field, about in BY_RECIPE[recipe].settings.model_fields.items()
    if "str" in str(about.annotation) and "Literal" not in str(about.annotation)
]


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A workspace with a graph, its questions and a teacher."""
    space = world(tmp_path_factory.mktemp("home"))
    values = {"name": "t", "graph": "family", "questions": "asked"}
    load_recipe("lexical_teacher")(values, Silent(), space)
    return space


@pytest.mark.parametrize(("recipe", "field"), TEXTS, ids=lambda one: one)
def test_cve_2026_28416_no_setting_is_an_address_to_ask(
    recipe, field, family, recorder, asked_of_the_network, tmp_path, monkeypatch
):
    """Gradio fetched what a configuration named, and let it redirect to private addresses."""
    monkeypatch.chdir(tmp_path)
    kind = BY_RECIPE[recipe].settings
    sound = {
        "name": "x", "graph": "family", "questions": "asked", "teacher": "t", "teachers": ("t",),
        "model": "t", "student": "tiny", "files": ("none.tsv",), "to": "out", "question": "Who?",
    }  # fmt: skip
    others = {name: value for name, value in sound.items() if name in kind.model_fields}
    for spelled in SPELLINGS[::4]:
        address = spelled.format(port=recorder.server_port)
        given = (address,) if "tuple" in str(kind.model_fields[field].annotation) else address
        refused(lambda: load_recipe(recipe)({**others, field: given}, Silent(), family))  # noqa: B023
    assert asked_of_the_network == [] and recorder.seen == []

"""No line of the project lets a model bring code: read off the source of every module."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for place in ("core", "pages") for path in (ROOT / place).rglob("*.py")
) + [ROOT / "app.py"]  # fmt: skip

UNSAFE = {
    "torch.load", "torch.save", "torch.hub.load", "joblib.load", "pandas.read_pickle",
    "pd.read_pickle", "yaml.load", "eval", "exec", "input", "compile",
    "__import__",
}  # fmt: skip
UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def calls(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def said(node, keyword):
    """What a call says by a keyword, as source; None where it says nothing."""
    return next((ast.unparse(k.value) for k in node.keywords if k.arg == keyword), None)


def loads_a_model(name):
    owner, _, method = name.rpartition(".")
    if method in ("from_pretrained", "from_config"):
        return not owner.startswith("torch.nn.")
    return method in ("SentenceTransformer", "CrossEncoder", "pipeline")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_loads_a_model_trusts_no_code_and_asks_no_network(file):
    for name, node in calls(file):
        where = f"{file.name}:{node.lineno}: {name}"
        assert name not in UNSAFE, where
        assert said(node, "allow_pickle") in (None, "False"), where
        assert not name.endswith(("apply_chat_template", "render_jinja_template")), where
        if not loads_a_model(name) or said(node, "modules"):  # made here, of our own modules
            continue
        assert said(node, "trust_remote_code") == "False", where
        if name.endswith("from_pretrained") or "SentenceTransformer" in name:
            assert said(node, "local_files_only") == "True", where
        if "Model" in name and name.endswith("from_pretrained") and not said(node, "gguf_file"):
            assert said(node, "use_safetensors") == "True", where


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_unpickled(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [one.name for one in getattr(node, "names", ()) if hasattr(one, "name")]
        names.append(getattr(node, "module", None) or "")
        assert not {name.partition(".")[0] for name in names} & UNPICKLING, file


def test_every_kind_of_load_is_seen():
    found = {name for file in FILES for name, _ in calls(file) if loads_a_model(name)}
    assert {
        "AutoTokenizer.from_pretrained", "AutoModelForCausalLM.from_pretrained",
        "AutoConfig.from_pretrained", "AutoModel.from_config", "SentenceTransformer",
    } <= found  # fmt: skip

"""Things in the workspace, changed as if they had been made so."""

from core.manifests import MANIFEST, seal
from core.workspace import read_json, write_json


def unseal(folder):
    """As it was made before hashes were kept."""
    (folder / MANIFEST).unlink()


def rewrite(path, **changes):
    """A JSON file of something in the workspace, some of its values changed."""
    write_json(path, {**read_json(path), **changes})
    seal(path.parent)

"""Settings of what is done with graphs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.addresses import endpoint_url
from core.errors import SettingsError
from core.messages import Message
from core.settings.base import MOST_TEXTS, PATH, Language, Settings
from core.settings.shared import Replacing, Seeded


class GraphImportSettings(Replacing):
    """Read files of triples, and of labels, into a graph."""

    name: str = Field(description="What the graph will be called.")
    files: Annotated[tuple[str, ...], PATH] = Field(
        (),
        max_length=MOST_TEXTS,
        description="Facts (head, relation, tail) and, optionally, tables of entity or relation "
        "labels; TSV, CSV, |-separated text, JSON or RDF, plain or packed (gzip, zstd, zip).",
    )
    update: Literal["new", "add", "remove", "whole"] = Field(
        "new",
        description="What becomes of a graph of that name. new: none may be there; add: it gets "
        "these facts and names; remove: it loses these facts; whole: it becomes what the files "
        "say. Each change is kept and can be undone.",
    )
    sparql: str = Field(
        "",
        description="Address of a SPARQL endpoint to read instead of files: http or https. A "
        "password stands in ~/.netrc, never here.",
    )
    around: str = Field(
        "",
        description="Of the endpoint, only what is around this entity, by its IRI; empty: all "
        "facts.",
    )
    hops: int = Field(1, ge=1, le=3, description="How far around it, both ways.")
    most_facts: int = Field(
        1_000_000, ge=1, le=100_000_000, description="Facts that are read of the endpoint at most."
    )
    allow_private: bool = Field(
        False, description="The endpoint may be in this machine or a private network."
    )
    columns: str = Field(
        "",
        description="Which columns of a table of facts are head, relation and tail: by number, "
        "such as 1,3,2, or by their names in its header; empty: as its header says, else 1,2,3.",
    )

    @model_validator(mode="after")
    def _read_from_one_place(self) -> GraphImportSettings:
        if bool(self.files) == bool(self.sparql):
            raise ValueError(Message("Say either files or an endpoint (--sparql) to read."))
        if self.sparql:
            try:
                endpoint_url(self.sparql)
            except SettingsError as error:
                raise ValueError(error.message) from error
        return self


class GraphEditSettings(Settings):
    """Put facts and names of a graph right, or undo a change."""

    graph: str = Field(description="The graph.")
    add: tuple[str, ...] = Field(
        (),
        max_length=MOST_TEXTS,
        description="Facts to add: head,relation,tail by their ids; a cell with a comma stands in "
        "quotes.",
    )
    remove: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Facts to remove, written alike."
    )
    names: tuple[str, ...] = Field(
        (),
        max_length=MOST_TEXTS,
        description="What things are called: id,label:en,name or id,aliases,one|another; an empty "
        "name takes it away.",
    )
    merge: tuple[str, ...] = Field(
        (),
        max_length=MOST_TEXTS,
        description="Entities or relations that are one: keep,gone by their ids; the facts and "
        "names of the second become those of the first.",
    )
    rule: str = Field(
        "",
        description="Add what a rule implies: relations of a path with commas between them, =>, "
        "and the relation that they imply, by their ids.",
    )
    undo: int = Field(
        0,
        ge=0,
        le=1_000_000_000,
        description="Go back to what the graph was before the change of this number; 0: change it "
        "as said.",
    )
    look: bool = Field(False, description="Only say what would change.")
    version: str = Field(
        "", description="Hash of the version that was looked at; refused if it is another by now."
    )
    source: str = Field("", max_length=200, description="Where the change comes from, to be kept.")


class GraphCheckSettings(Settings):
    """Look for duplicates, relations that say the same, and clashing values of a graph."""

    graph: str = Field(description="The graph.")
    certainty: float = Field(
        0.8,
        ge=0.1,
        le=1,
        description="From which certainty on two entities are told as possible duplicates.",
    )
    language: Language = Field("en", description="Language of labels.")


class RuleSettings(Seeded):
    """Find paths that imply a relation, and how often they are right about withheld facts."""

    graph: str = Field(description="The graph.")
    confidence: float = Field(
        0.5,
        ge=0,
        le=1,
        description="How often rules alike were right at least, on facts that were withheld.",
    )
    language: Language = Field("en", description="Language of labels.")

"""Reads the code of the pages and says where a text may reach the screen that is not known safe.

A text is safe if it is written down in the code, if `t` or `literal` made it, or if it is put
together of safe texts and formatted numbers. What a function returns and takes as `Words`, and what
a class holds as `Words`, is safe as well: every return, every call and every construction is looked
at in turn. The same is read of HTML with the names `Html` and `html.escape`.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "studio.py", *sorted((ROOT / "pages").rglob("*.py"))]
TRUSTED = "pages/parts/text.py"
"""Where safe texts are made; `test_text` tests it."""

MAKERS = {"Words": {"t", "literal", "Words"}, "Html": {"escape", "Html"}}

READ_AS_MARKDOWN = {"label", "body", "text", "title", "help", "tabs", "delta", "show_spinner"}
"""Parameters of Streamlit's elements whose text is Markdown."""

# fmt: off
READ_AS_IT_IS = {
    "accept_multiple_files", "alt", "altair_chart", "anchor", "args", "autoscroll",
    "border", "color", "data", "default", "disabled", "expanded", "file_name", "format",
    "func", "gap", "height", "hide_index", "horizontal", "icon", "icon_image",
    "icon_position", "image", "index", "key", "kwargs", "label_visibility", "language",
    "layout", "live", "max_chars", "max_entries", "max_value", "mime", "min_value",
    "on_change", "on_click", "on_select", "options", "page", "page_icon", "page_title",
    "pages", "persist_state", "placeholder", "query_params", "required", "run_every",
    "scope", "select_all", "selection_mode", "shortcut", "show_time", "size", "spec",
    "step", "type", "url", "url_path", "value", "vertical_alignment", "width", "wrap_lines",
}
# fmt: on
"""Parameters whose text is shown as it is, or not at all; one that is in neither list is refused.
"""

EXCEPTIONS = {
    "metric": {"value"},  # Markdown, though a value elsewhere is not
    "code": {"-body"},
    "json": {"-body"},
    "html": {"-body"},  # looked at as HTML
}
COLUMN = {"help"}
"""Of a column's configuration; its label is drawn on a canvas."""

CHOICES = {"pills", "segmented_control", "select_slider", "radio"}
"""Elements that read their options as Markdown, after `format_func`."""

NUMBER = re.compile(r"[<>=^]?[-+ ]?0?\d*,?(\.\d+)?~?[dfgen%]|,")
"""Formats that refuse a text."""


def findings(further: str = "") -> list[str]:
    """Every place at which a text is not known to be safe, one line each.

    Args:
        further: Code to be read as one more page; then only what is found in it.
    """
    if not further:
        return [found for module in pages() for found in Reader(module, Known(pages())).read()]
    page = Module(ROOT / "pages" / "further.py", further)
    return [*Reader(page, Known((*pages(), page))).read()]


@cache
def pages() -> tuple["Module", ...]:
    return tuple(Module(path) for path in PAGES)


class Module:
    def __init__(self, path: Path, source: str | None = None) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        self.tree = ast.parse(source or path.read_text(encoding="utf-8"))
        self.above = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        self.named: dict[str, list[ast.FunctionDef | ast.ClassDef]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.named.setdefault(node.name, []).append(node)

    def scopes(self, node: ast.AST) -> Iterator[ast.AST]:
        """The functions around a node, the innermost first, then the module."""
        while node in self.above:
            node = self.above[node]
            if isinstance(node, ast.FunctionDef | ast.Lambda | ast.Module):
                yield node


class Known:
    """What the pages declare: functions and classes by name, and fields that hold safe text."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = modules

    def named(self, name: str, near: Module) -> list[ast.FunctionDef | ast.ClassDef]:
        """The functions and classes of a name: those of a module, else those of all."""
        own = near.named.get(name)
        return own or [node for module in self.modules for node in module.named.get(name, ())]

    def returns(self, name: str, several: bool, near: Module) -> set[str]:
        """The kinds of safe text that all functions of a name return."""
        functions = [one for one in self.named(name, near) if isinstance(one, ast.FunctionDef)]
        found = [kinds(one.returns, several) for one in functions]
        return set.intersection(*found) if found else set()

    def fields(self, name: str) -> set[str]:
        """The kinds of safe text that all fields of a name hold, whatever class has them."""
        found = [
            kinds(annotation)
            for module in self.modules
            for nodes in module.named.values()
            for one in nodes
            for field, annotation in declared(one)
            if isinstance(one, ast.ClassDef) and field == name
        ]
        return set.intersection(*found) if found else set()

    def parameters(self, name: str, near: Module) -> list[tuple[str, ast.expr | None]]:
        """Parameters of the functions, and fields of the classes, of a name."""
        return [taken for one in self.named(name, near) for taken in declared(one)]


def declared(node: ast.FunctionDef | ast.ClassDef) -> list[tuple[str, ast.expr | None]]:
    """What a function or a class takes, with its annotations, in order."""
    if isinstance(node, ast.FunctionDef):
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return [(argument.arg, argument.annotation) for argument in given]
    lines = [line for line in node.body if isinstance(line, ast.AnnAssign)]
    return [(line.target.id, line.annotation) for line in lines]


def kinds(annotation: ast.expr | None, several: bool = False) -> set[str]:
    """Which safe texts an annotation speaks of: `Words`, `Html | None`, or a list of them."""
    words = ast.unparse(annotation) if annotation else ""
    inner = re.fullmatch(r"(?:list|Sequence|Iterator)\[(\w+)\]", words)
    if several:
        return {inner[1]} & MAKERS.keys() if inner else set()
    return {words.removesuffix(" | None")} & MAKERS.keys()


class Reader:
    def __init__(self, module: Module, known: Known) -> None:
        self.module, self.known = module, known

    def read(self) -> Iterator[str]:
        if self.module.name == TRUSTED:
            return
        for node in ast.walk(self.module.tree):
            for what, kind, text in self.sinks(node):
                if not self.safe(text, kind):
                    yield f"{self.module.name}:{node.lineno}: {what}: {ast.unparse(text)}"
            yield from self.detours(node)

    # --- where text goes ---

    def sinks(self, node: ast.AST) -> Iterator[tuple[str, str, ast.expr]]:
        """Texts that must be safe: `(where, kind, text)`."""
        if isinstance(node, ast.FunctionDef):
            yield from self.results(node)
        if not isinstance(node, ast.Call):
            return
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name in MAKERS:
            yield f"{name}(...)", name, node.args[0]
        elif name == "html" and isinstance(node.func, ast.Attribute):
            yield "html", "Html", node.args[0]
        if element := self.element(node):
            for parameter, text in self.given(node, element):
                if self.is_markdown(name, parameter):
                    one_of = ast.Starred(text) if parameter == "tabs" else text
                    yield f"{name}({parameter}=)", "Words", one_of
            yield from self.options(name, dict(self.given(node, element)))
        for (parameter, annotation), text in self.bound(
            node, self.known.parameters(name, self.module)
        ):
            for kind in kinds(annotation):
                yield f"{name}({parameter}=)", kind, text

    def results(self, function: ast.FunctionDef) -> Iterator[tuple[str, str, ast.expr]]:
        """What a function returns or yields that is said to be safe."""
        for node in ast.walk(function):
            if next(self.module.scopes(node), None) is not function:
                continue
            what = f"{function.name} returns"
            if isinstance(node, ast.Return) and node.value:
                for kind in kinds(function.returns):
                    yield what, kind, node.value
                for kind in kinds(function.returns, several=True):
                    yield what, kind, ast.Starred(node.value)
            elif isinstance(node, ast.Yield) and node.value:
                for kind in kinds(function.returns, several=True):
                    yield what, kind, node.value

    def options(self, name: str, given: dict[str, ast.expr]) -> Iterator[tuple[str, str, ast.expr]]:
        """The options of an element that reads them as Markdown, as they are shown."""
        if name not in CHOICES:
            return
        match given.get("format_func"):
            case ast.Lambda(body=body):
                yield f"{name}(format_func=)", "Words", body
            case ast.Name() as function:
                yield f"{name}(format_func=)", "Words", ast.Call(function, [], [])
            case _:
                yield f"{name}(options=)", "Words", ast.Starred(given["options"])

    def detours(self, node: ast.AST) -> Iterator[str]:
        """Ways around what is looked at: elements under other names, and arguments unseen."""
        where = f"{self.module.name}:{getattr(node, 'lineno', 0)}"
        above = self.module.above.get(node)
        if isinstance(node, ast.ImportFrom) and (node.module or "") == "streamlit":
            yield f"{where}: a name imported from streamlit"
        if isinstance(node, ast.Attribute) and node.attr == "write" and is_streamlit(node.value):
            yield f"{where}: st.write guesses what a value is: say st.markdown"
        if isinstance(node, ast.Attribute) and is_streamlit(node.value):
            called = isinstance(above, ast.Call) and above.func is node
            if callable(getattr(st, node.attr, None)) and not called and shows_text(node.attr):
                yield f"{where}: st.{node.attr} is not called here"
        if isinstance(node, ast.Call) and (element := self.element(node)):
            name = node.func.attr
            unseen = any(word.arg is None for word in node.keywords)
            unseen |= any(isinstance(one, ast.Starred) for one in node.args)
            if unseen and shows_text(name) and name not in ("columns", "dataframe"):
                yield f"{where}: {name}(**...)"
            for parameter, _ in self.given(node, element):
                if parameter not in READ_AS_MARKDOWN | READ_AS_IT_IS | {"format_func"}:
                    yield f"{where}: is {name}({parameter}=) read as Markdown?"
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "dataframe"
            and not self.module.name.endswith("/table.py")
        ):
            yield f"{where}: a table beside `table`"

    def element(self, node: ast.Call) -> inspect.Signature | None:
        """The signature of the element of Streamlit that is called, on `st` or on a container."""
        if not isinstance(node.func, ast.Attribute):
            return None
        owner, name = node.func.value, node.func.attr
        if isinstance(owner, ast.Attribute) and owner.attr == "column_config":
            return inspect.signature(getattr(st.column_config, name))
        if is_streamlit(owner):
            return inspect.signature(getattr(st, name))
        if shows_text(name) and not isinstance(owner, ast.Constant):
            return inspect.signature(getattr(st, name))
        return None

    def given(self, node: ast.Call, element: inspect.Signature) -> Iterator[tuple[str, ast.expr]]:
        names = [
            name
            for name, one in element.parameters.items()
            if one.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
        yield from zip(names, node.args, strict=False)
        yield from ((word.arg, word.value) for word in node.keywords if word.arg)

    def bound(self, node: ast.Call, parameters: list[tuple[str, ast.expr | None]]):
        by_name = dict(parameters)
        yield from zip(parameters, node.args, strict=False)
        for word in node.keywords:
            if word.arg in by_name:
                yield (word.arg, by_name[word.arg]), word.value

    def is_markdown(self, element: str, parameter: str) -> bool:
        exceptions = EXCEPTIONS.get(element, set())
        if element.endswith("Column"):
            return parameter in COLUMN
        return parameter in exceptions or (
            parameter in READ_AS_MARKDOWN and f"-{parameter}" not in exceptions
        )

    # --- what is safe ---

    def safe(self, text: ast.expr | None, kind: str) -> bool:
        match text:
            case None | ast.Constant():
                return True
            case ast.JoinedStr(values=parts):
                return all(self.safe(part, kind) for part in parts)
            case ast.FormattedValue(value=value, format_spec=form):
                return bool(form and NUMBER.fullmatch(spelled(form))) or self.safe(value, kind)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.safe(left, kind) and self.safe(right, kind)
            case ast.IfExp(body=body, orelse=orelse):
                return self.safe(body, kind) and self.safe(orelse, kind)
            case ast.BoolOp(values=values):
                return all(self.safe(value, kind) for value in values)
            case ast.NamedExpr(value=value):
                return self.safe(value, kind)
            case ast.Call():
                return self.made(text, kind)
            case ast.Name(id=name):
                return self.named(text, name, lambda value: self.safe(value, kind), kind)
            case ast.Attribute(attr=name):
                return kind in self.known.fields(name)
            case ast.Subscript(value=ast.Name() as table):
                return self.written_down(table)
            case ast.Starred(value=several):  # one of these
                return self.all_safe(several, kind)
        return False

    def made(self, call: ast.Call, kind: str) -> bool:
        match call.func:
            case ast.Name(id=name):
                return name in MAKERS[kind] or kind in self.known.returns(name, False, self.module)
            case ast.Attribute(value=ast.Constant(), attr="join"):
                return self.all_safe(call.args[0], kind)
            case ast.Attribute(value=ast.Name(id="time"), attr="strftime"):
                return isinstance(call.args[0], ast.Constant)
            case ast.Attribute(value=ast.Name(id="html"), attr="escape"):
                return kind == "Html"
        return False

    def all_safe(self, texts: ast.expr, kind: str) -> bool:
        """Whether every text of several is safe."""
        match texts:
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all(
                    self.all_safe(part.value, kind)
                    if isinstance(part, ast.Starred)
                    else self.safe(part, kind)
                    for part in parts
                )
            case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                return self.safe(part, kind)
            case ast.IfExp(body=body, orelse=orelse):
                return self.all_safe(body, kind) and self.all_safe(orelse, kind)
            case ast.Call(func=ast.Name(id="list" | "range"), args=[inner, *_]):
                return texts.func.id == "range" or self.all_safe(inner, kind)
            case ast.Call(func=ast.Name(id=name)):
                return kind in self.known.returns(name, True, self.module)
            case ast.Name(id=name):
                return self.named(texts, name, lambda value: self.all_safe(value, kind), kind)
            case ast.Dict():
                return self.written_down(texts)
        return False

    def named(self, node, name: str, is_safe, kind: str) -> bool:
        """Whether all that a name may stand for is safe."""
        for scope in self.module.scopes(node):
            values = [value for target, value in bindings(scope) if target == name]
            if isinstance(scope, ast.FunctionDef):
                arguments = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
                taken = [one for one in arguments if one.arg == name]
                if taken and kind not in kinds(taken[0].annotation):
                    return False
                if taken and not values:
                    return True
            elif isinstance(scope, ast.Lambda) and name in {one.arg for one in scope.args.args}:
                return False
            if values:
                return all(value is not None and is_safe(value) for value in values)
        return False

    def written_down(self, node: ast.expr) -> bool:
        """Whether a table holds nothing but what stands in the code."""
        if isinstance(node, ast.Name):
            return self.named(node, node.id, self.written_down, "")
        try:
            ast.literal_eval(node)
        except ValueError:
            return False
        return True


def bindings(scope: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """What is bound to a name in a scope, by assignment; None for what cannot be read."""
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from unpacked(target, value)
            case (
                ast.AnnAssign(target=target, value=value)
                | ast.AugAssign(target=target, value=value)
            ):
                yield from unpacked(target, value)
            case ast.NamedExpr(target=target, value=value):
                yield from unpacked(target, value)
            case (
                ast.For(target=target, iter=several)
                | ast.comprehension(target=target, iter=several)
            ):
                yield from unpacked(target, ast.Starred(several))


def unpacked(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ast.Tuple(elts=names), ast.IfExp(body=body, orelse=orelse):
            yield from unpacked(target, body)
            yield from unpacked(target, orelse)
        case ast.Tuple(elts=names), ast.Tuple(elts=values):
            for one, part in zip(names, values, strict=True):
                yield from unpacked(one, part)
        case ast.Tuple(elts=names), _:
            for one in names:
                yield from unpacked(one, None)


def is_streamlit(node: ast.expr) -> bool:
    return getattr(node, "id", "") == "st"


@cache
def shows_text(name: str) -> bool:
    """Whether an element of Streamlit has a text that it reads as Markdown."""
    found = getattr(st, name, None)
    if not callable(found) or inspect.isclass(found):
        return False
    return bool(READ_AS_MARKDOWN & set(inspect.signature(found).parameters))


def spelled(form: ast.expr) -> str:
    """A format as it is written; what is computed in it does not count."""
    parts = form.values if isinstance(form, ast.JoinedStr) else [form]
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))

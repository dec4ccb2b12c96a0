"""Finds the sentences of errors that no translation can reach, in the source itself.

An error's sentence is followed from where the error is made to where its words are: through the
names and functions of the same module. Words that come from elsewhere are looked at there; those
that are added by ``+=`` or put in a list bit by bit are not followed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

MARKS = {"_", "counted", "kept"}
_WORD = re.compile(r"[A-Za-z]{3,}")
_Scope = ast.Module | ast.FunctionDef


class Errors:
    """The names that make errors: classes below ``roots``, and functions that return one."""

    def __init__(self, trees: Iterable[ast.Module], roots: Iterable[str]) -> None:
        self.names = set(roots)
        nodes = [node for tree in trees for node in ast.walk(tree)]
        while found := {name for node in nodes for name in self._made_by(node)} - self.names:
            self.names |= found

    def _made_by(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.ClassDef) and self.names & set(map(_name, node.bases)):
            yield node.name
        if isinstance(node, ast.FunctionDef) and _name(node.returns) in self.names:
            yield node.name


class Unmarked:
    """The words in the arguments of a module's errors that are not marked, and their lines."""

    def __init__(self, tree: ast.Module, errors: Errors) -> None:
        self._tree = tree
        self._functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        self._seen: set[ast.AST] = set()
        self.found = sorted(
            {hit for call, scope in _calls(tree, errors) for hit in self._in_arguments(call, scope)}
        )

    def _in_arguments(self, call: ast.Call, scope: _Scope) -> Iterator[tuple[int, str]]:
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from self._words(argument, scope)

    def _words(self, node: ast.AST, scope: _Scope) -> Iterator[tuple[int, str]]:
        match node:
            case ast.Constant(value=str(text)) if _WORD.search(text):
                yield node.lineno, text
            case ast.Name(id=name):
                yield from self._of_name(name, scope)
            case ast.Compare():
                return
            case ast.Subscript(value=value):
                yield from self._words(value, scope)
            case ast.Dict(values=values):
                for value in values:
                    yield from self._words(value, scope)
            case ast.Call(func=ast.Name(id=name)) if name in MARKS:
                return
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                yield from self._of_function(self._functions[name])
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name != "format":
                yield from self._words(value, scope)  # what a method is given is no sentence
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self._words(child, scope)

    def _of_name(self, name: str, scope: _Scope) -> Iterator[tuple[int, str]]:
        values = list(_assigned(name, scope))
        home = scope if values else self._tree
        for value in values or _assigned(name, self._tree):
            if value not in self._seen:
                self._seen.add(value)
                yield from self._words(value, home)

    def _of_function(self, function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value and node not in self._seen:
                self._seen.add(node)
                yield from self._words(node.value, function)


def _name(node: ast.AST | None) -> str:
    """Its last part: ``CbirError`` for ``errors.CbirError``, too; "" for what has no name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _calls(tree: ast.Module, errors: Errors) -> Iterator[tuple[ast.Call, _Scope]]:
    """Where errors are made, each with the function around it."""

    def below(node: ast.AST, scope: _Scope) -> Iterator[tuple[ast.Call, _Scope]]:
        if isinstance(node, ast.Call) and _name(node.func) in errors.names:
            yield node, scope
        inner = node if isinstance(node, ast.FunctionDef) else scope
        for child in ast.iter_child_nodes(node):
            yield from below(child, inner)

    return below(tree, tree)


def _assigned(name: str, scope: _Scope) -> Iterator[ast.expr]:
    """The values that ``name`` gets in a function, or at the top of a module."""
    nodes = ast.walk(scope) if isinstance(scope, ast.FunctionDef) else scope.body
    for node in nodes:
        match node:
            case ast.Assign(targets=[target], value=value):
                yield from _parts(name, target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _parts(name, target, value)
            case ast.NamedExpr(target=target, value=value):
                yield from _parts(name, target, value)


def _parts(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if _name(target) == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _parts(name, one, its)


def unmarked(package: Path, apart: Iterable[str], roots: Iterable[str]) -> list[str]:
    """``file:line: words`` of the errors that a package makes, but for the rooms ``apart``.

    ``roots`` names the classes that errors for people are below.
    """
    files = [
        file
        for file in sorted(package.rglob("*.py"))
        if file.relative_to(package).parts[0] not in apart
    ]
    trees = {file: ast.parse(file.read_text("utf-8")) for file in files}
    errors = Errors(trees.values(), roots)
    return [
        f"{file.relative_to(package)}:{line}: {words}"
        for file, tree in trees.items()
        for line, words in Unmarked(tree, errors).found
    ]

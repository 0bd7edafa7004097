# SPDX-License-Identifier: Apache-2.0
"""No two modules of the package need each other.

Edges are imports as the sources have them, at the top of a module and inside its functions alike.
``from a.b import c`` leads to the module ``a.b.c`` where there is one, else to ``a.b``; that the
packages above a module are loaded with it is left out. Imports under ``if TYPE_CHECKING`` are for
type checkers alone; of circles that need them a few pairs may be.
"""

import ast
import functools
from pathlib import Path

import hashrec_fast

ROOT = Path(hashrec_fast.__file__).parent
MOST_TYPING_PAIRS = 5


def modules_below(root):
    """Path by module name; a stub stands for a compiled module."""
    found = {}
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.pyi")]):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_in(tree):
    """Import statements of a source and whether each is for type checkers only."""

    def walk(nodes, typing):
        for node in nodes:
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
                yield from walk(node.body, True)
                yield from walk(node.orelse, typing)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                yield node, typing
            elif not isinstance(node, ast.expr):  # these hold none, and are most of a source
                yield from walk(ast.iter_child_nodes(node), typing)

    return walk(tree.body, False)


def edges_of(sources):
    """Imported modules by module: those needed at run time, and those that only checkers need."""
    running = {name: set() for name in sources}
    typing = {name: set() for name in sources}
    for name, source in sources.items():
        for node, for_checkers in imports_in(ast.parse(source)):
            if isinstance(node, ast.Import):
                targets = {alias.name for alias in node.names}
            else:
                assert not node.level, f"{name}: imports are absolute"
                full = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
                targets = {x if x in sources else node.module for x in full.values()}
            (typing if for_checkers else running)[name] |= targets & sources.keys() - {name}
    return running, typing


def circles(edges):
    """Sets of two or more modules each of which reaches all others, by Kosaraju's two walks."""
    order, seen = [], set()

    def walk(start, graph, found):
        stack = [(start, iter(sorted(graph[start])))]
        seen.add(start)
        while stack:
            node, rest = stack[-1]
            following = next((n for n in rest if n not in seen), None)
            if following is None:
                found.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(sorted(graph[following]))))

    for node in edges:
        if node not in seen:
            walk(node, edges, order)
    back = {node: {n for n in edges if node in edges[n]} for node in edges}
    seen, parts = set(), []
    for node in reversed(order):
        if node not in seen:
            parts.append([])
            walk(node, back, parts[-1])
    return [sorted(part) for part in parts if len(part) > 1]


@functools.cache
def package_edges():
    return edges_of({n: p.read_text(encoding="utf-8") for n, p in modules_below(ROOT).items()})


def test_no_circle_at_run_time():
    running, _ = package_edges()
    assert len(running) > 200
    assert circles(running) == []


def test_circles_for_type_checkers_are_few_pairs():
    running, typing = package_edges()
    found = circles({name: running[name] | typing[name] for name in running})
    assert [circle for circle in found if len(circle) > 2] == []
    assert len(found) <= MOST_TYPING_PAIRS, found


def test_all_kinds_of_imports_are_seen():
    running, typing = edges_of(
        {
            "p": "from p import compiled\nif TYPE_CHECKING:\n    from p.a import x",
            "p.compiled": "",
            "p.a": "def f():\n    from p.b import g\n    return g",
            "p.b": "import typing\nif typing.TYPE_CHECKING:\n    import p.c\nelse:\n    import p.d",
            "p.c": "class A:\n    try:\n        from p import a, y\n    finally:\n        pass",
            "p.d": "from p.c import z\nimport p.d, numpy",
        }
    )
    assert running == {
        "p": {"p.compiled"},
        "p.compiled": set(),
        "p.a": {"p.b"},
        "p.b": {"p.d"},
        "p.c": {"p.a", "p"},
        "p.d": {"p.c"},
    }
    assert typing == {**{name: set() for name in running}, "p": {"p.a"}, "p.b": {"p.c"}}
    assert circles(running) == [["p.a", "p.b", "p.c", "p.d"]]
    assert circles({"a": {"b"}, "b": set(), "c": {"b", "d"}, "d": {"c"}}) == [["c", "d"]]

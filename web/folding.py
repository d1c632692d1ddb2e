"""Templates whose constants are worked out when they are compiled, not for every page.

An environment speaks one language and the built files do not change while it lives, so ``_("Điểm danh")`` and
``asset("app.css")`` are constants. A page has sixty of them, and each call took longer than a row of a table.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

# Globals that answer the same for the same one constant.
_CONSTANT = frozenset({"_", "asset"})


class FoldingEnvironment(Environment):
    """An environment that replaces calls of constant globals by their answers."""

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        folded = _Folding(self).visit(source)
        return super()._generate(folded, name, filename, defer_init)


class _Folding(NodeTransformer):
    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's way to name
        called, arguments = node.node, node.args
        extra = node.kwargs or node.dyn_args or node.dyn_kwargs
        if not isinstance(called, nodes.Name) or called.name not in _CONSTANT or extra or len(arguments) != 1:
            return self.generic_visit(node)
        if not isinstance(arguments[0], nodes.Const):
            return self.generic_visit(node)
        answering: Any = self.environment.globals[called.name]
        return self._constant(answering(arguments[0].value), node.lineno)

    def _constant(self, answer: Any, line: int) -> nodes.Node:
        text = nodes.Const(str(answer), lineno=line, environment=self.environment)
        if not isinstance(answer, Markup):
            return text
        return nodes.MarkSafe(text, lineno=line, environment=self.environment)

"""YAML that is plain data alone."""

from __future__ import annotations

from typing import Any

import yaml

_DEEPEST = 20


class PlainLoader(yaml.SafeLoader):
    """Reads plain data alone: no aliases, which grow without end, no tags, no key twice, no deep nesting."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases, tags and deep nesting."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        plain = not isinstance(event, yaml.AliasEvent) and getattr(event, "tag", None) is None
        if not plain or self.depth > _DEEPEST:
            raise yaml.composer.ComposerError(None, None, "alias, tag or nesting", event.start_mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        """Refuse keys that are no text, or come twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "key", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class TextLoader(PlainLoader):
    """Reads every value as the text that it is written as: ``01`` is no number, ``no`` is no untruth."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's

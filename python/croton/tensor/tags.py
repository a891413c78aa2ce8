"""The notes on expressions: `x.tag`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from croton.tensor.expression import Node


class Tag(SimpleNamespace):
    """A place for notes; `test_value` is the one that Croton reads, `trace` names the user's line."""


# By node: a variable that is found in a graph is another Python object than the user's.
_tags: WeakValueDictionary[int, Tag] = WeakValueDictionary()
_kept: dict[int, Tag] = {}  # those of inputs, whose notes what is made of them needs


def find_tag(node: Node) -> Tag | None:
    """The tag of a node, if it has one."""
    return _tags.get(node._id)


def tag_of(node: Node) -> Tag:
    """The tag of a node, which lives as long as a variable that holds it."""
    tag = _tags.get(node._id)
    if tag is None:
        tag = _tags[node._id] = Tag()
        if node._source:
            tag.trace = [[(*node._source, "", None)]]
        if not node._inputs:
            _kept[node._id] = tag
    return tag

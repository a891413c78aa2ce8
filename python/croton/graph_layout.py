"""Where the nodes of a drawn graph lie: layers from what is given to what is computed, few crossings."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

GAP = 14  # between neighbours, and lines of text are this high
LAYER = 74  # from one layer to the next
SWEEPS = 4  # orderings by neighbours, down and up again


def layers_of(inputs: Mapping[Hashable, Sequence[Hashable]]) -> list[list[Hashable]]:
    """The nodes by their longest distance from what has no inputs; leaves one above their first user.

    Parameters
    ----------
    inputs : mapping
        The inputs of each node; a node comes after its inputs.
    """
    level: dict[Hashable, int] = {}
    for node, before in inputs.items():
        level[node] = 1 + max((level[each] for each in before), default=-1)
    users: dict[Hashable, list[Hashable]] = {node: [] for node in inputs}
    for node, before in inputs.items():
        for each in before:
            users[each].append(node)
    for node, before in inputs.items():
        if not before and users[node]:
            level[node] = min(level[user] for user in users[node]) - 1
    layers: list[list[Hashable]] = [[] for _ in range(1 + max(level.values(), default=-1))]
    for node in inputs:
        layers[level[node]].append(node)
    return layers


def place(
    inputs: Mapping[Hashable, Sequence[Hashable]], widths: Mapping[Hashable, float]
) -> dict[Hashable, tuple[float, float]]:
    """The middle of each node.

    Parameters
    ----------
    inputs : mapping
        The inputs of each node; a node comes after its inputs.
    widths : mapping
        How wide each node is drawn.
    """
    layers = layers_of(inputs)
    neighbours: dict[Hashable, list[Hashable]] = {node: [] for node in inputs}
    for node, before in inputs.items():
        for each in before:
            neighbours[node].append(each)
            neighbours[each].append(node)
    x: dict[Hashable, float] = {}
    for layer in layers:
        _spread(layer, {node: 0.0 for node in layer}, widths, x)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {}
            for node in layer:
                around = [x[each] for each in neighbours[node]] or [x[node]]
                wanted[node] = sum(around) / len(around)
            layer.sort(key=lambda node: wanted[node])
            _spread(layer, wanted, widths, x)
    return {node: (x[node], k * LAYER) for k, layer in enumerate(layers) for node in layer}


def _spread(
    layer: Sequence[Hashable],
    wanted: Mapping[Hashable, float],
    widths: Mapping[Hashable, float],
    x: dict[Hashable, float],
) -> None:
    """Puts a layer in its order, each node near its wanted place, and none over another."""
    edge = float("-inf")
    for node in layer:
        x[node] = max(wanted[node], edge + widths[node] / 2)
        edge = x[node] + widths[node] / 2 + GAP
    if layer:
        shift = sum(wanted[node] - x[node] for node in layer) / len(layer)
        for node in layer:
            x[node] += shift

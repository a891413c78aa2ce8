"""Drawings of graphs, under the module name that Theano has for them."""

from __future__ import annotations

import os
from typing import Any

from croton.printing import dot_source, html


def d3viz(
    fct: Any, outfile: str | os.PathLike[str], copy_deps: bool = True, *args: Any, **kwargs: Any
) -> None:
    """Writes an interactive drawing to an HTML file; see `croton.printing.html`.

    Parameters
    ----------
    fct : Variable, list of Variable, or compiled function
    outfile : path
    copy_deps, args, kwargs
        Accepted as in Theano: the file needs no others.
    """
    html(fct, outfile)


def d3write(fct: Any, path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
    """Writes the graph in the language of Graphviz; see `croton.printing.dot_source`.

    Parameters
    ----------
    fct : Variable, list of Variable, or compiled function
    path : path
    args, kwargs
        Accepted as in Theano.
    """
    with open(path, "w", encoding="utf-8") as file:
        file.write(dot_source(fct) + "\n")

"""A summary is a table of a network's layers, with output shapes and numbers of parameters."""

import html
from collections.abc import Sequence


def table(layers: Sequence[tuple[str, tuple[int, ...], int]]) -> str:
    """Return the text of a table, one line a layer, and the total.

    Parameters
    ----------
    layers : sequence of (name, output shape, number of parameters)
        First layer first.

    Returns
    -------
    text : str
        Lines of equal width.
    """
    cells = [("layer", "output shape", "parameters")]
    cells += [(name, str(shape), f"{count:,}") for name, shape, count in layers]
    cells.append(("total", "", f"{sum(count for *_, count in layers):,}"))
    lines = in_columns(cells, "<<>")
    return "\n".join([*lines[:-1], lines[1], lines[-1]])


def in_columns(cells: Sequence[Sequence[str]], sides: str) -> list[str]:
    """Return cells as lines of equal width, with a rule below the first.

    Parameters
    ----------
    cells : sequence of sequences of str
        The lines, the headings first.
    sides : str
        For each column < or >, the side its cells keep to.

    Returns
    -------
    lines : list of str
        The lines.
    """
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths, strict=True))
        for line in cells
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def html_table(layers: Sequence[tuple[str, tuple[int, ...], int]]) -> str:
    """Return the same table as HTML, dressed as scikit-learn's tables of parameters are.

    Parameters
    ----------
    layers : sequence of (name, output shape, number of parameters)
        First layer first.

    Returns
    -------
    text : str
        A folded table.
    """
    lines = [
        f'<tr class="default"><td class="param">{html.escape(name)}</td><td>{shape}</td><td>{count:,}</td></tr>'
        for name, shape, count in layers
    ]
    total = sum(count for *_, count in layers)
    return (
        '<div class="estimator-table"><details><summary>Layers</summary><table class="parameters-table"><tbody>'
        "<tr><th>Layer</th><th>Output shape</th><th>Parameters</th></tr>"
        + "".join(lines)
        + f"<tr><th>Total</th><th></th><th>{total:,}</th></tr></tbody></table></details></div>"
    )

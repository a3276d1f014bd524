"""A summary is a table of a network's layers, with output shapes and numbers of parameters."""

import html
from collections.abc import Sequence


def table(rows: Sequence[tuple[str, tuple[int, ...], int]]) -> str:
    """Return the text of a table, one line a layer, and the total.

    Parameters
    ----------
    rows : sequence of (name, output shape, number of parameters)
        The layers, first layer first.

    Returns
    -------
    text : str
        Lines of equal width.
    """
    cells = [("layer", "output shape", "parameters")]
    cells += [(name, str(shape), f"{count:,}") for name, shape, count in rows]
    cells.append(("total", "", f"{sum(row[2] for row in rows):,}"))
    a, b, c = (max(len(line[i]) for line in cells) for i in range(3))
    lines = [f"{name:{a}}  {shape:{b}}  {count:>{c}}" for name, shape, count in cells]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def html_table(rows: Sequence[tuple[str, tuple[int, ...], int]]) -> str:
    """Return the same table as HTML, dressed as scikit-learn's tables of parameters are.

    Parameters
    ----------
    rows : sequence of (name, output shape, number of parameters)
        The layers, first layer first.

    Returns
    -------
    text : str
        A folded table.
    """
    lines = [
        f'<tr class="default"><td class="param">{html.escape(name)}</td><td>{shape}</td><td>{count:,}</td></tr>'
        for name, shape, count in rows
    ]
    return (
        '<div class="estimator-table"><details><summary>Layers</summary><table class="parameters-table"><tbody>'
        "<tr><th>Layer</th><th>Output shape</th><th>Parameters</th></tr>"
        + "".join(lines)
        + f"<tr><th>Total</th><th></th><th>{sum(row[2] for row in rows):,}</th></tr></tbody></table></details></div>"
    )

"""A summary is a table of a network's layers, with output shapes and numbers of parameters."""

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

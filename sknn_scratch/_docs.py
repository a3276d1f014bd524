"""A parameter is documented once, in the class that declares it; the public estimators show all they inherit."""

from typing import TypeVar

HEADING = "Parameters\n    ----------\n"
T = TypeVar("T", bound=type)


def show_inherited_parameters(cls: T) -> T:
    """Put the "Parameters" sections of the bases of `cls` under its own, for whoever reads the docstring."""
    if not cls.__doc__:  # python -OO
        return cls
    before, own_and_rest = cls.__doc__.split(HEADING)
    own, blank, rest = own_and_rest.partition("\n\n    ")
    sections = [own.rstrip()]
    for base in cls.__mro__[1:]:
        doc = base.__dict__.get("__doc__") or ""
        if base.__module__.partition(".")[0] == __package__ and HEADING in doc:
            sections.append(doc.split(HEADING)[1].partition("\n\n    ")[0].rstrip())
    cls.__doc__ = before + HEADING + "\n".join(sections) + blank + rest
    return cls

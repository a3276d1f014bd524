"""Public classes: they are found in the package itself, and document all parameters and attributes they inherit."""

import re
from inspect import cleandoc, isfunction, unwrap
from typing import TypeVar

SHOWN = ("Parameters", "Attributes")
T = TypeVar("T", bound=type)


def public(cls: T) -> T:
    """Make `cls` a class of the package, with the parameters and attributes of its bases in its docstring.

    A pickle names the package, and not the file in which a class happens to be; an error names a method, and not the
    base that it is inherited from.
    """
    ours = [base for base in cls.__mro__ if base.__module__.partition(".")[0] == __package__]
    for base in ours[1:]:
        for name, member in vars(base).items():
            method = unwrap(getattr(member, "fn", member))  # available_if keeps its function as fn
            if isfunction(method):
                method.__qualname__ = name
    cls.__module__ = str(__package__)
    if not cls.__doc__:  # python -OO
        return cls
    docs = [_sections(base.__dict__.get("__doc__") or "") for base in ours]
    summary, rest = docs[0].pop(""), [title for title in docs[0] if title not in SHOWN]
    shown = {title: _entries([doc[title] for doc in docs if title in doc]) for title in SHOWN}
    sections = shown | {title: docs[0][title] for title in rest}
    written = [f"{title}\n{'-' * len(title)}\n{body}" for title, body in sections.items() if body]
    cls.__doc__ = "\n\n".join([summary, *written]) + "\n"
    return cls


def _entries(bodies: list[str]) -> str:
    """Return the entries of sections; of two with the same name the first, which is that of the derived class."""
    entries: dict[str, str] = {}
    for entry in re.split(r"^(?=\S)", "\n".join(bodies), flags=re.MULTILINE):
        entries.setdefault(entry.partition(" :")[0], entry.strip("\n"))
    return "\n".join(filter(None, entries.values()))


def _sections(doc: str) -> dict[str, str]:
    """Return the sections of a docstring by their titles; what comes before the first one has the title ""."""
    parts = ["", *re.split(r"^(.+)\n-{3,}\n", cleandoc(doc), flags=re.MULTILINE)]
    return {title: body.strip("\n") for title, body in zip(parts[::2], parts[1::2], strict=True)}

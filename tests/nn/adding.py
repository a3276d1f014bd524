"""The recipes of docs/adding.md: this module executes the page's imports and classes in itself, so that they pickle."""

from doctest import DocTestParser
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "adding.md"

for example in DocTestParser().get_examples(PAGE.read_text(encoding="utf-8")):
    if example.source.startswith(("from ", "import ", "@dataclass")):
        exec(example.source, globals())

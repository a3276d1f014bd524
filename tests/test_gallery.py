"""The examples by topic, on the page of the site."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_each_example_has_one_topic():
    listed = re.findall(r"^   \.\./examples/(plot_\w+\.py)$", (ROOT / "docs/examples.rst").read_text("utf-8"), re.M)
    assert sorted(listed) == sorted(path.name for path in (ROOT / "examples").glob("plot_*.py"))

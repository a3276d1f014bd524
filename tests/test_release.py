"""What names the version names the same one."""

import re
from pathlib import Path

from sknn_scratch import __version__

ROOT = Path(__file__).parents[1]


def test_citation_and_changelog_name_the_version():
    citation, changelog = ((ROOT / name).read_text(encoding="utf-8") for name in ("CITATION.cff", "docs/changelog.md"))
    assert re.search(r"^version: (\S+)$", citation, re.M)[1] == __version__
    assert re.search(r"^## (\S+) \(", changelog, re.M)[1] == __version__

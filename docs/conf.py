"""How the site is built: `sphinx-build -W docs build/docs`, without a network."""

import os
from collections import defaultdict

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import make_refnode

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy: the same pictures everywhere

import sknn_scratch

project = "sknn_scratch"
author = "The sknn_scratch developers"
project_copyright = author
version = release = sknn_scratch.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
root_doc = "index"
templates_path = ["_templates"]
nitpicky = False
highlight_language = "none"
smartquotes = False  # "adam" is to be typed as it stands
toc_object_entries_show_parents = "hide"

# Pages

myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3  # architecture.md#files and the like, as repository browsers make them

html_theme = "pydata_sphinx_theme"
html_title = "sknn_scratch"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 7,
    "show_nav_level": 1,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "pygments_light_style": "friendly",
    "pygments_dark_style": "monokai",
}
html_sidebars = {"index": [], "changelog": [], "lectures": [], "ja/*": []}

# Examples: each plot_*.py of examples/ is executed, and an error in one of them fails the build.

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "ignore_pattern": r"benchmarks",
    "filename_pattern": r"plot_",
    "within_subsection_order": "ExampleTitleSortKey",
    "abort_on_example_error": True,
    "backreferences_dir": "gallery/backreferences",
    "doc_module": ("sknn_scratch",),
    "reference_url": {"sknn_scratch": None},
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1,
}

# API

autosummary_generate = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_inherit_docstrings = False  # a layer is described by its formula, `forward` by the base of all layers
autodoc_typehints = "none"  # numpydoc's sections say more
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Docstrings are validated here: with -W a warning fails the build. What is not asked for is style alone:
numpydoc_validation_checks = {
    "all",
    "ES01",  # an extended summary: where one line says it, one line is enough
    "EX01",  # an example: classes and loaders have one, their methods are in it
    "SA01",  # See Also: where there is something to see
    "GL01",  # a summary in the line after the quotes: ours is in the same line, as PEP 257 has it
    "PR03",  # the order of the signature: what is special to an estimator comes first, what all share comes last
    "RT02",  # no name in Returns: "self : object" is scikit-learn's habit
    "SS02",  # a capital at the start: "y = x W + b" is the best summary of a layer
    "SS03",  # a period at the end of the first line: it may be a formula too
    "SS06",  # a summary in one line
}


def skip_what_is_not_ours(app, what, name, obj, skip, options):
    """Leave out what estimators inherit from scikit-learn, and properties, which are in Attributes."""
    module = getattr(obj, "__module__", "") or ""
    return True if isinstance(obj, property) or not module.startswith("sknn_scratch") else None


def trim_code(app, doctree):
    """Drop the empty line at the end of an example, which doctest needs in Markdown and readers do not."""
    for block in doctree.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip()
        block[:] = [nodes.Text(block.rawsource)]


def name_language(app, pagename, templatename, context, doctree):
    """Set lang="ja" on the pages under ja/: Sphinx has one language for the whole site."""
    if pagename.startswith("ja/"):
        context["language"] = "ja"


def link_examples(app, doctree):
    """Make links to scripts in examples/ lead to their pages in the gallery, not to the files."""
    for link in list(doctree.findall(addnodes.download_reference)):
        _, found, script = link["reftarget"].partition("examples/")
        if found and not script.startswith("benchmarks"):
            page = "/gallery/" + script.removesuffix(".py")
            options = {"refdomain": "std", "reftype": "doc", "reftarget": page, "refexplicit": True}
            link.replace_self(addnodes.pending_xref("", *link.children, refdoc=app.env.docname, **options))


def link_names(app, doctree, docname):
    """Make public names in the text, such as `WeightsDisplay`, links to the reference."""
    pages = defaultdict(list)
    for name, entry in app.env.domains["py"].objects.items():
        if entry.objtype in {"class", "function"} and not entry.aliased:
            pages[name.rpartition(".")[2]].append((entry.docname, entry.node_id))
    for literal in list(doctree.findall(nodes.literal)):
        found = pages[literal.astext()]
        if len(found) == 1 and isinstance(literal.parent, nodes.paragraph):  # not in a link or a heading
            page, anchor = found[0]
            literal.replace_self(make_refnode(app.builder, docname, page, anchor, literal.deepcopy()))


def setup(app):
    """Connect them."""
    app.connect("autodoc-skip-member", skip_what_is_not_ours)
    app.connect("doctree-read", trim_code)
    app.connect("doctree-read", link_examples, priority=400)  # before the scripts are copied as downloads
    app.connect("doctree-resolved", link_names)
    app.connect("html-page-context", name_language)

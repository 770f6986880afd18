"""How Sphinx builds the site; ``make site`` calls it. The pages are Markdown, readable without it."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(ROOT), os.environ.get("PYTHONPATH", "")]
)  # the notebook's kernel

project = "blindsr"
author = "blindsr contributors"
html_title = "blindsr"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["data"]

# Pages
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # included files begin with their own heading

# The notebook is run; one that fails is an error.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_show_tb = True

# The reference
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # an attribute is listed once
python_use_unqualified_type_names = True
toc_object_entries = False
add_module_names = False

# The look: nothing is fetched from a network.
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "logo": {"text": "blindsr"},
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "show_prev_next": True,
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
}
html_show_sourcelink = False
html_show_copyright = False
html_copy_source = False

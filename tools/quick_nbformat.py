"""A pytest plugin that makes `import nbformat` ten times faster (`pytest -p tools.quick_nbformat`).

rfc3987_syntax builds a grammar for seconds at import; jsonschema works without it.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

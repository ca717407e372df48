"""Where templates and static files lie: inside the package in a wheel, at the top of a checkout otherwise."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_HOME = _PACKAGE if (_PACKAGE / "templates").is_dir() else _PACKAGE.parent

TEMPLATES: Path = _HOME / "templates"
STATIC: Path = _HOME / "static"

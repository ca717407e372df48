"""Write the tables of docs/settings.md and docs/routes.md from the code."""

import re
import sys
from pathlib import Path

from eventhub.settings import SETTINGS

DOCS = Path(__file__).parents[1] / "docs"
MARK = re.compile(r"(?<=<!-- from the code -->\n).*?(?=\n<!-- end -->)", re.DOTALL)


def settings_table() -> str:
    """List every setting with its default and what it does."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for setting in SETTINGS:
        default = (
            f"`{setting.default}`"
            if re.match(r"[\w./:{}@-]+$", setting.default)
            else setting.default
        )
        rows.append(f"| `{setting.name}` | {default or 'none'} | {setting.help} |")
    return "\n".join(rows)


def written(file: Path, table: str) -> str:
    """Return the page with the table in its place."""
    return MARK.sub(lambda _: table, file.read_text("utf-8"))


PAGES = {"settings.md": settings_table}


def main() -> None:
    """Write every page, and say which changed."""
    for name, table in PAGES.items():
        file = DOCS / name
        text = written(file, table())
        if text != file.read_text("utf-8"):
            file.write_text(text, "utf-8")
            print(f"docs/{name} written")


if __name__ == "__main__":
    sys.exit(main())

"""Write the tables of docs/settings.md and docs/routes.md from the code."""

import re
import tempfile
from pathlib import Path

from aiohttp import web

from eventhub import app
from eventhub.cli.folder import compose
from eventhub.settings import SETTINGS, read_settings
from eventhub.web.access import RIGHTS, Access, Role, declared

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


def routes() -> list[tuple[str, str, Access | None]]:
    """Return method, address and declared access of every route but the static files."""
    with tempfile.TemporaryDirectory() as data:
        application = app.build(compose(read_settings({}, Path(data))))
    return sorted(
        (route.method, route.resource.canonical, declared(route.handler))
        for route in application.router.routes()
        if route.method != "HEAD"
        and route.resource is not None
        and not isinstance(route.resource, web.StaticResource)
    )


def routes_table() -> str:
    """List every address with who may call it."""
    rows = ["| address | method | who may call it |", "|---|---|---|"]
    for method, path, access in sorted(routes(), key=lambda route: (route[1], route[0])):
        rows.append(f"| `{path}` | {method} | {who(access)} |")
    return "\n".join(rows)


def who(access: Access | None) -> str:
    """Name those whom a route lets in."""
    if access is None:
        return "**nobody: it declares nothing**"
    if access.right is None:
        return OPEN[access.kind]
    roles = [role.value for role in Role if role in RIGHTS[access.right]]
    return f"{access.right.value}: " + (
        "every role" if len(roles) == len(Role) else ", ".join(roles)
    )


OPEN = {
    "public": "everybody",
    "personal": "who holds the token in the address",
    "device": "a phone made a scanner, by its cookie",
    "signed-in": "every signed-in user",
}


def written(file: Path, table: str) -> str:
    """Return the page with the table in its place."""
    return MARK.sub(lambda _: table, file.read_text("utf-8"))


PAGES = {"settings.md": settings_table, "routes.md": routes_table}


def main() -> None:
    """Write every page, and say which changed."""
    for name, table in PAGES.items():
        file = DOCS / name
        text = written(file, table())
        if text != file.read_text("utf-8"):
            file.write_text(text, "utf-8")
            print(f"docs/{name} written")


if __name__ == "__main__":
    main()

import re
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from eventhub.language import LANGUAGES
from eventhub.web.assets import STATIC, TEMPLATES
from eventhub.web.templates import environment

PAGES = sorted(file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*.html"))
OURS = sorted(
    file
    for folder in (TEMPLATES, STATIC)
    for file in folder.rglob("*")
    if file.suffix in {".html", ".js", ".css", ".svg", ".webmanifest"}
    and "vendor" not in file.relative_to(folder).parts
)
# Mail is read in mail programs, which take styles from attributes alone.
IN_MAIL = re.compile(r"^mail/|/mail")
FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*="),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"),
    "a script in an attribute": re.compile(
        r"\son[a-z]+\s*=\s*[\"']|hx-on|hx-vals\s*=\s*[\"']js:|javascript:"
    ),
    "code from text": re.compile(r"\beval\(|new Function\("),
}
# Names of XML vocabularies are no addresses; the players are loaded after consent on the watch page alone.
HOST = re.compile(r"(?:https?:)?//([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)
NAMED = {"www.w3.org", "example.org"}
AFTER_CONSENT = {"www.youtube-nocookie.com", "www.youtube.com", "youtube.com", "youtu.be"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", PAGES)
def test_every_template_compiles(template: str, language: str) -> None:
    environment(language).get_template(template)


@pytest.mark.parametrize("template", PAGES)
def test_every_template_extends_imports_and_filters_by_known_names(template: str) -> None:
    env = environment("id")
    source = env.parse((TEMPLATES / template).read_text("utf-8"))

    named = set(meta.find_referenced_templates(source)) - {None}
    statics = {
        call.args[0].value
        for call in source.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name)
        and call.node.name == "static"
        and call.args
        and isinstance(call.args[0], nodes.Const)
    }

    assert named <= set(PAGES)
    assert {file for file in statics if not (STATIC / file).is_file()} == set()


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_nothing_is_inline_and_nothing_comes_from_another_host(file: Path) -> None:
    text = COMMENT.sub("", file.read_text("utf-8"))
    is_mail = file.suffix == ".html" and IN_MAIL.search(file.relative_to(TEMPLATES).as_posix())
    hosts = {host for host in HOST.findall(text) if not host.endswith(tuple(NAMED))}

    found = {what for what, pattern in FORBIDDEN.items() if pattern.search(text)}

    assert found - ({"an inline style"} if is_mail else set()) == set()
    assert hosts <= (AFTER_CONSENT if "watch" in file.name else set())


def test_the_vendored_files_are_the_ones_listed() -> None:
    from scripts import vendor  # noqa: PLC0415 -- a developer's command, looked at here alone

    files = {
        file.relative_to(vendor.VENDOR).as_posix()
        for file in vendor.VENDOR.rglob("*")
        if file.is_file() and file != vendor.TABLE
    }

    assert files == set(vendor.known())

"""What the documents tell a reader to type is there."""

import re
from pathlib import Path

import pytest

from eventhub.cli import COMMANDS
from scripts.serving import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_a_page_names_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    blocks = "\n".join(re.findall(r"```(?:sh|ini)\n(.*?)```", text, re.DOTALL))
    made = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    called = set(re.findall(r"(?:^|[/=])eventhub (?:--\S+ \S+ )?([a-z]+)", blocks, re.MULTILINE))

    assert made <= TARGETS
    assert called <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_a_page_links_to_exist(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []

"""Mail without a server lies in a folder, whole."""

from pathlib import Path

from eventhub.mail.folder import Folder
from eventhub.mail.outcome import ACCEPTED


async def test_a_message_is_kept_under_its_name_and_nothing_else_lies_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "mail")

    first = await folder.keep("00000001-welcome", b"a\r\n")
    again = await folder.keep("00000001-welcome", b"b\r\n")

    assert (first, again) == (ACCEPTED, ACCEPTED)
    assert {file.name: file.read_bytes() for file in (tmp_path / "mail").iterdir()} == {
        "00000001-welcome.eml": b"b\r\n"
    }

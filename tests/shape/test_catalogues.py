from scripts import catalogues


def test_every_message_has_its_indonesian_and_none_is_left_over() -> None:
    assert catalogues.faults() == []


def test_placeholders_are_read_in_both_spellings() -> None:
    assert catalogues.placeholders("%(n)s of {of:d} in {room}, 100 %") == {"n", "of", "room"}

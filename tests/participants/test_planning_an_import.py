"""What a list of people changes, decided without a database."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventhub.errors import Invalid
from eventhub.events.model import Attendance
from eventhub.participants.columns import RowFault, Wish, read_wishes
from eventhub.participants.importer import Known, Plan, plan_import
from eventhub.participants.model import DelegationKind, Details, Participant
from eventhub.participants.offices import Office
from eventhub.participants.spreadsheet import Row

PAPUA = Office("papua", "Papua", DelegationKind.PROVINCE, None, Attendance.MEETING)
BALI = Office("bali", "Bali", DelegationKind.PROVINCE, None, Attendance.MEETING)
BAPPEDA_PAPUA = Office(
    "bappeda-papua", "Bappeda", DelegationKind.AGENCY, "papua", Attendance.STREAM
)
BAPPEDA_BALI = Office("bappeda-bali", "Bappeda", DelegationKind.AGENCY, "bali", Attendance.STREAM)
MINISTRY = Office("bappenas", "Kementerian PPN", DelegationKind.MINISTRY, None, Attendance.ONSITE)
OFFICES = (PAPUA, BALI, BAPPEDA_PAPUA, BAPPEDA_BALI, MINISTRY)


def person(id: int, **changes: object) -> Participant:
    standard = Participant(
        id=id,
        event_id=1,
        delegation_id=1,
        delegation="bappenas",
        name="Kepala Biro",
        position="",
        email="",
        phone="",
        language="id",
        attendance=Attendance.ONSITE,
    )
    return replace(standard, **changes)  # type: ignore[arg-type]


def imported(
    lines: list[list[str]],
    people: tuple[Participant, ...] = (),
    offices: tuple[Office, ...] = OFFICES,
) -> Plan:
    wishes, faulty = read_wishes([Row(i, tuple(cells)) for i, cells in enumerate(lines, start=1)])
    return plan_import(wishes, faulty, Known(offices, people, ("id", "en")))


def reasons(plan: Plan) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.field, str(fault.reason)) for fault in plan.faulty]


@pytest.mark.parametrize(
    "header",
    [
        "name,position,delegation,province,email,phone,attendance,language,in_place_of",
        "NAMA,Jabatan,Instansi,Provinsi,Surel,No. HP,Kehadiran,Bahasa,Mewakili",
        (
            "Nama Lengkap / Full name,jabatan (wajib),Asal Instansi,PROPINSI,E-mail,Nomor HP/WA,"
            "Cara  hadir,Language,in place of"
        ),
    ],
)
def test_columns_are_found_by_indonesian_and_english_headers(header: str) -> None:
    wishes, faults = read_wishes(
        [
            Row(1, ("Daftar peserta",)),
            Row(3, tuple(header.split(","))),
            Row(4, ("-",) * 9),
            Row(
                5,
                (
                    " Kepala \n Bappeda ",
                    "Kepala",
                    "Bappeda",
                    "Papua",
                    "kepala@bappeda.example.org",
                    "'081234567",
                    "Daring (Zoom)",
                    "Inggris",
                    "Gubernur",
                ),
            ),
        ]
    )

    assert faults == []
    assert wishes == [
        Wish(
            row=5,
            name="Kepala Bappeda",
            position="Kepala",
            delegation="Bappeda",
            province="Papua",
            email="kepala@bappeda.example.org",
            phone="081234567",
            attendance=Attendance.MEETING,
            language="en",
            in_place_of="Gubernur",
        )
    ]


def test_a_list_without_a_name_or_with_one_column_twice_is_refused() -> None:
    for header in (("Jabatan", "Surel"), ("Nama", "Surel", "E-mail")):
        with pytest.raises(Invalid):
            read_wishes([Row(1, header), Row(2, ("a", "b", "c"))])


@pytest.mark.parametrize(
    ("word", "way"),
    [
        ("Luring", Attendance.ONSITE),
        ("tatap muka", Attendance.ONSITE),
        ("On-site", Attendance.ONSITE),
        ("di tempat", Attendance.ONSITE),
        ("DARING", Attendance.MEETING),
        ("Rapat / Meeting", Attendance.MEETING),
        ("zoom", Attendance.MEETING),
        ("streaming", Attendance.STREAM),
        ("YouTube", Attendance.STREAM),
        ("", None),
    ],
)
def test_the_way_to_attend_is_read_in_both_languages(word: str, way: Attendance | None) -> None:
    wishes, _ = read_wishes([Row(1, ("nama", "kehadiran")), Row(2, ("a", word))])

    assert [wish.attendance for wish in wishes] == [way]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("8120000000", "8120000000"),
        ("8120000000.0", "8120000000"),
        ("8.12345678E+9", "8123456780"),
        ("'+62 812-3456-789", "+62 812-3456-789"),
        ("(021) 345678 ext. 12", "(021) 345678 ext. 12"),
    ],
)
def test_a_phone_number_is_kept_as_text(cell: str, phone: str) -> None:
    wishes, faults = read_wishes([Row(1, ("nama", "hp")), Row(2, ("a", cell))])

    assert ([wish.phone for wish in wishes], faults) == ([phone], [])


def test_wrong_cells_are_named_by_row_and_field_and_stop_no_other_row() -> None:
    plan = imported(
        [
            ["nama", "instansi", "surel", "hp", "kehadiran", "bahasa"],
            ["", "bappenas"],
            ["A\x07", "bappenas", "no address", "abc", "teleport", "Jawa"],
            ["B" * 201, "bappenas"],
            ["C", ""],
            ["D", "bappenas", "", "8,12E+09"],
            ["E", "bappenas"],
        ]
    )

    assert reasons(plan) == [
        (2, "name", "Write the person's name."),
        (3, "name", "The cell holds a control character. Type it again."),
        (3, "email", "“no address” is no e-mail address."),
        (3, "phone", "“abc” is no phone number."),
        (3, "attendance", "“teleport” is no way to attend: write luring, daring or streaming."),
        (3, "language", "“Jawa” is no language of the event: write id or en."),
        (4, "name", "The cell has more than 200 characters."),
        (5, "delegation", "Write the person's delegation."),
        (6, "phone", "The spreadsheet cut the phone number short. Format the column as text."),
    ]
    assert [details.name for details in plan.created] == ["E"]


def test_offices_are_found_by_code_or_name_and_made_where_missing() -> None:
    plan = imported(
        [
            ["nama", "instansi", "provinsi", "kehadiran"],
            ["A", "BAPPENAS", "", ""],
            ["B", " kementerian  ppn ", "", ""],
            ["C", "Bappeda", "Provinsi Papua", ""],
            ["D", "Pemerintah Provinsi Bali", "Bali", ""],
            ["E", "Bappeda", "Aceh", "streaming"],
            ["F", "Dinas Kesehatan", "ACEH", "luring"],
            ["G", "Kementerian Kesehatan", "", ""],
            ["H", "Bappeda", "", ""],
        ]
    )

    assert [
        (details.name, details.delegation, details.attendance.value) for details in plan.created
    ] == [
        ("A", "bappenas", "onsite"),
        ("B", "bappenas", "onsite"),
        ("C", "bappeda-papua", "stream"),
        ("D", "bali", "meeting"),
        ("E", "bappeda-aceh", "stream"),
        ("F", "dinas-kesehatan-aceh", "onsite"),
        ("G", "kementerian-kesehatan", "onsite"),
    ]
    assert plan.new_offices == [
        Office("aceh", "Aceh", DelegationKind.PROVINCE, None, Attendance.STREAM),
        Office("bappeda-aceh", "Bappeda", DelegationKind.AGENCY, "aceh", Attendance.STREAM),
        Office(
            "dinas-kesehatan-aceh",
            "Dinas Kesehatan",
            DelegationKind.AGENCY,
            "aceh",
            Attendance.ONSITE,
        ),
        Office(
            "kementerian-kesehatan",
            "Kementerian Kesehatan",
            DelegationKind.MINISTRY,
            None,
            Attendance.ONSITE,
        ),
    ]
    assert reasons(plan) == [
        (
            9,
            "delegation",
            "3 delegations are called “Bappeda”. Name the province, or write the code.",
        )
    ]


def test_an_office_without_a_province_gets_the_one_the_list_names() -> None:
    office = Office("dinkes", "Dinas Kesehatan", DelegationKind.OTHER, None, Attendance.STREAM)

    plan = imported(
        [["nama", "instansi", "provinsi"], ["A", "Dinas Kesehatan", "Bali"]], (), (BALI, office)
    )

    assert (plan.new_offices, plan.adopted) == ([], [replace(office, parent="bali")])


def test_people_are_matched_by_e_mail_else_by_name_and_delegation() -> None:
    people = (
        person(1, name="Sekretaris", email="sekretaris@example.org"),
        person(2, name="Kepala Biro"),
        person(3, name="Direktur", position="Direktur"),
    )

    plan = imported(
        [
            ["nama", "instansi", "surel", "jabatan"],
            ["Sekretaris Utama", "", "SEKRETARIS@example.org", ""],
            ["kepala  biro", "bappenas", "biro@example.org", "Kepala"],
            ["Direktur", "bappenas", "", ""],
        ],
        people,
    )

    assert plan.changed == [
        (people[0], replace(people[0].details, name="Sekretaris Utama")),
        (
            people[1],
            replace(
                people[1].details, name="kepala biro", email="biro@example.org", position="Kepala"
            ),
        ),
    ]
    assert (plan.created, plan.unchanged, plan.faulty) == ([], 1, [])


def test_a_person_listed_twice_counts_once_and_the_second_row_is_faulty() -> None:
    plan = imported(
        [
            ["nama", "instansi", "surel"],
            ["A", "bappenas", "a@example.org"],
            ["A lagi", "bappenas", "A@example.org"],
            ["B", "bappenas", ""],
            ["b", "Kementerian PPN", ""],
            ["C", "bappenas", "c1@example.org"],
            ["C", "bappenas", "c2@example.org"],
        ]
    )

    assert [details.name for details in plan.created] == ["A", "B", "C", "C"]
    assert reasons(plan) == [
        (3, "email", "Row 2 has the same e-mail address."),
        (5, "name", "Row 4 is about the same person."),
    ]


def test_rows_beyond_the_quota_are_faulty_and_room_made_by_a_later_row_is_used() -> None:
    small = replace(MINISTRY, quota=1)
    people = (person(1, name="Lama", email="lama@example.org"),)

    full = imported([["nama", "instansi"], ["Baru", "bappenas"]], people, (small, BALI))
    freed = imported(
        [
            ["nama", "instansi", "surel"],
            ["Baru", "bappenas", ""],
            ["Lama", "bali", "lama@example.org"],
        ],
        people,
        (small, BALI),
    )

    assert reasons(full) == [
        (2, "delegation", "Kementerian PPN may name 1 participants and has named them.")
    ]
    assert full.created == []
    assert (len(freed.created), len(freed.changed), freed.faulty) == (1, 1, [])


FIELDS = ("nama", "instansi", "provinsi", "surel", "kehadiran", "bahasa")
CELLS = {
    "nama": st.sampled_from(["Ani", "ani", "Budi", "", "x" * 201]),
    "instansi": st.sampled_from(
        ["Bappeda", "bappenas", "Dinas Kesehatan", "Dinas Kesehatan", "Papua", "", "Provinsi Bali"]
    ),
    "provinsi": st.sampled_from(["", "", "Papua", "Provinsi Bali", "Aceh"]),
    "surel": st.sampled_from(
        ["", "", "a@example.org", "B@example.org", "b@example.org", "c@example.org", "x"]
    ),
    "kehadiran": st.sampled_from(["", "luring", "zoom", "?"]),
    "bahasa": st.sampled_from(["", "id", "en"]),
}
LISTS = st.lists(st.tuples(*(CELLS[name] for name in FIELDS)).map(list), max_size=12)
PEOPLE = st.lists(
    st.builds(
        person,
        st.integers(),
        name=st.sampled_from(["Ani", "Budi"]),
        email=st.sampled_from(["", "a@example.org", "b@example.org"]),
        delegation=st.sampled_from([office.code for office in OFFICES]),
    ),
    max_size=5,
    unique_by=lambda person: person.email or object(),
).map(lambda people: tuple(replace(each, id=id) for id, each in enumerate(people, start=1)))
QUOTAS = st.sampled_from([None, None, 0, 1, 2])


def written(plan: Plan, people: tuple[Participant, ...], offices: tuple[Office, ...]) -> Known:
    """Return what the event holds after a plan was carried out."""
    adopted = {office.code: office for office in plan.adopted}
    changed = {before.id: details for before, details in plan.changed}

    def as_person(id: int, details: Details) -> Participant:
        return person(id, **{name: getattr(details, name) for name in Details.__slots__})

    kept = [as_person(each.id, changed.get(each.id, each.details)) for each in people]
    new = [as_person(1000 + i, details) for i, details in enumerate(plan.created)]
    known = (*offices, *plan.new_offices)
    return Known(
        [adopted.get(office.code, office) for office in known], (*kept, *new), ("id", "en")
    )


@settings(max_examples=300, deadline=None)
@given(LISTS, PEOPLE, QUOTAS)
def test_importing_twice_changes_nothing_the_second_time(
    lines: list[list[str]], people: tuple[Participant, ...], quota: int | None
) -> None:
    offices = tuple(replace(office, quota=quota) for office in OFFICES)
    first = imported([list(FIELDS), *lines], people, offices)
    after = written(first, people, offices)
    second = imported([list(FIELDS), *lines], tuple(after.people), tuple(after.offices))

    assert (second.created, second.changed, second.new_offices, second.adopted) == ([], [], [], [])
    assert second.unchanged == len(first.created) + len(first.changed) + first.unchanged
    assert second.faulty == first.faulty


@settings(deadline=None)
@given(LISTS, PEOPLE, st.permutations(range(len(FIELDS))))
def test_the_order_of_columns_does_not_matter(
    lines: list[list[str]], people: tuple[Participant, ...], order: list[int]
) -> None:
    table = [list(FIELDS), *lines]

    assert imported([[line[i] for i in order] for line in table], people) == imported(table, people)


def test_five_thousand_rows_among_as_many_people_are_planned_in_a_second_or_two() -> None:
    rng = random.Random(1)
    provinces = [f"Provinsi {i}" for i in range(34)]
    lines = [
        [
            f"Orang {i}",
            f"Dinas {rng.randrange(41)}",
            rng.choice(provinces),
            f"o{i}@example.org",
            "",
            "",
        ]
        for i in range(5_000)
    ]

    plan = imported([list(FIELDS), *lines], (), ())

    assert (len(plan.created), plan.faulty) == (5_000, [])
    assert len([office for office in plan.new_offices if office.parent is None]) == 34


def test_a_fault_says_row_field_and_reason() -> None:
    fault = imported([["nama", "instansi"], ["", "x"]]).faulty[0]

    assert (fault.row, fault.field) == (2, "name")
    assert isinstance(fault, RowFault)

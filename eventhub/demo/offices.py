"""The invited offices of the sample event, read from the package's data (see `data/README.md`)."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

KIND = Literal["ministry", "province", "agency"]
PLANNING_AGENCY = "Badan Perencanaan Pembangunan Daerah"

# How the 41 offices of a province are usually called for short; with the province's code it makes an office's code.
SHORT = {
    PLANNING_AGENCY: "BAPPEDA",
    "Sekretariat Daerah": "SETDA",
    "Sekretariat Dewan Perwakilan Rakyat Daerah": "SETWAN",
    "Inspektorat Daerah": "ITDA",
    "Badan Pengelolaan Keuangan dan Aset Daerah": "BPKAD",
    "Badan Pendapatan Daerah": "BAPENDA",
    "Badan Kepegawaian Daerah": "BKD",
    "Badan Pengembangan Sumber Daya Manusia": "BPSDM",
    "Badan Penelitian dan Pengembangan Daerah": "BALITBANGDA",
    "Badan Penghubung": "BANHUB",
    "Badan Kesatuan Bangsa dan Politik": "KESBANGPOL",
    "Badan Penanggulangan Bencana Daerah": "BPBD",
    "Dinas Pendidikan": "DISDIK",
    "Dinas Kesehatan": "DINKES",
    "Dinas Bina Marga": "DISBM",
    "Dinas Pekerjaan Umum, Sumber Daya Air, dan Penataan Ruang": "DPUPR",
    "Dinas Perumahan Rakyat dan Kawasan Permukiman": "DISPERKIM",
    "Satuan Polisi Pamong Praja": "SATPOLPP",
    "Dinas Sosial": "DINSOS",
    "Dinas Tenaga Kerja": "DISNAKER",
    "Dinas Transmigrasi": "DISTRANS",
    "Dinas Pemberdayaan Perempuan dan Pelindungan Anak": "DP3A",
    "Dinas Ketahanan Pangan": "DISHANPAN",
    "Dinas Lingkungan Hidup": "DLH",
    "Dinas Pemberdayaan Masyarakat dan Desa": "DPMD",
    "Dinas Kependudukan dan Pencatatan Sipil": "DISDUKCAPIL",
    "Dinas Pengendalian Penduduk dan Keluarga Berencana": "DPPKB",
    "Dinas Perhubungan": "DISHUB",
    "Dinas Komunikasi, Informatika, Statistik, dan Persandian": "DISKOMINFO",
    "Dinas Koperasi, Usaha Kecil, dan Menengah": "DISKOPUKM",
    "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu": "DPMPTSP",
    "Dinas Kepemudaan dan Olahraga": "DISPORA",
    "Dinas Kebudayaan": "DISBUD",
    "Dinas Pariwisata": "DISPAR",
    "Dinas Perpustakaan dan Kearsipan": "DISPUSIP",
    "Dinas Kelautan dan Perikanan": "DKP",
    "Dinas Pertanian dan Peternakan": "DISTANNAK",
    "Dinas Kehutanan": "DISHUT",
    "Dinas Energi dan Sumber Daya Mineral": "DESDM",
    "Dinas Perdagangan": "DISDAG",
    "Dinas Perindustrian": "DISPERIN",
}


@dataclass(frozen=True, slots=True)
class Province:
    """A province: Kemendagri's two-digit code, its name and IANA zone."""

    code: str
    name: str
    time_zone: str

    @property
    def office(self) -> str:
        """Return the code of its delegation."""
        return f"PROV-{self.code}"

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z]+", "-", self.name.lower())

    def agency(self, base: str) -> str:
        """Return the code of one of its agencies, given by name without the province."""
        return f"{self.code}-{SHORT[base]}"


@dataclass(frozen=True, slots=True)
class Office:
    """A delegation. `base` is an agency's name without its province; `slug` stands in its addresses."""

    code: str
    name: str
    kind: KIND
    time_zone: str
    slug: str
    parent: str | None = None
    base: str = ""
    rank: str = ""

    @property
    def email(self) -> str:
        return f"{self.slug}@example.org"


@dataclass(frozen=True, slots=True)
class Affair:
    """A concurrent affair of government, the ministry that answers for it, and the provincial offices it calls."""

    code: str
    name: str
    responsible: str
    offices: tuple[str, ...]


@cache
def provinces() -> tuple[Province, ...]:
    """Return the 34 provinces, in the order of their codes."""
    return tuple(
        Province(row["code"], row["name"], row["time_zone"]) for row in _rows("provinces.csv")
    )


@cache
def affairs() -> tuple[Affair, ...]:
    """Return the 32 affairs, in the order of their codes."""
    called: dict[str, list[str]] = {}
    for row in _rows("affair_offices.csv"):
        called.setdefault(row["affair_code"], []).append(row["office"])
    return tuple(
        Affair(row["code"], row["name_id"], row["responsible_code"], tuple(called[row["code"]]))
        for row in _rows("affairs.csv")
    )


@cache
def ministries() -> tuple[Office, ...]:
    """Return the 43 ministries and agencies of the centre."""
    return tuple(
        Office(
            code=row["code"],
            name=row["name_id"],
            kind="ministry",
            time_zone="Asia/Jakarta",
            slug=row["code"].lower(),
            rank=row["kind"],
        )
        for row in _rows("ministries.csv")
    )


@cache
def governments() -> tuple[Office, ...]:
    """Return the delegations of the 34 provincial governments."""
    return tuple(
        Office(
            code=province.office,
            name=f"Pemerintah Provinsi {province.name}",
            kind="province",
            time_zone=province.time_zone,
            slug=f"pemprov.{province.slug}",
        )
        for province in provinces()
    )


@cache
def agencies() -> tuple[Office, ...]:
    """Return the 1,394 provincial agencies, each below its province's government."""
    by_code = {province.code: province for province in provinces()}
    return tuple(
        _agency(by_code[row["province_code"]], row["agency"], row["kind"])
        for row in _rows("agencies.csv")
    )


def every_office() -> tuple[Office, ...]:
    """Return all delegations, parents before what is below them."""
    return ministries() + governments() + agencies()


def _agency(province: Province, name: str, rank: str) -> Office:
    base = name.removesuffix(f" Provinsi {province.name}")
    return Office(
        code=province.agency(base),
        name=name,
        kind="agency",
        time_zone=province.time_zone,
        slug=f"{SHORT[base].lower()}.{province.slug}",
        parent=province.office,
        base=base,
        rank=rank,
    )


def _rows(name: str) -> Iterable[dict[str, str]]:
    return csv.DictReader((files(__package__) / "data" / name).read_text("utf-8").splitlines())

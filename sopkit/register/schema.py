"""The canonical workbook: every sheet, its columns as staff read them, and how each is read (product.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum


class Kind(StrEnum):
    """How the values of a column are read."""

    TEXT = "text"
    REASON = "reason"  # a text where a reason is due: D14 looks at it
    KEY = "key"  # a document number of this sheet, unique where it stands first
    REFERENCE = "reference"  # a number that stands in another column
    PERSON = "person"  # a name of sheet Pegawai
    ROLE_OR_PERSON = "role-or-person"
    CHOICE = "choice"  # one of a list
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    NUMBER = "number"
    STEP = "step"
    NIP = "nip"
    EMAIL = "email"


@dataclass(frozen=True)
class Column:
    """`header` is the text on the sheet, `choices` the column of sheet Daftar.

    A column is an attribute of its sheet's class below: `table` is that class in small letters (the attribute of
    `Register`), `field` the attribute's name. Code names a column as `Cases.found_at`, so mypy sees a misspelt one.
    """

    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: str = ""
    table: str = dataclass_field(default="", init=False)
    field: str = dataclass_field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "table", owner.__name__.lower())
        object.__setattr__(self, "field", name)

    def __hash__(self) -> int:  # rules look columns up by the thousand, and the hash of a `Kind` is slow
        return hash((self.table, self.field))


@dataclass(frozen=True)
class SheetPlan:
    """One sheet: `table` is the attribute of `Register`, `name` the sheet's name, `required` if B01 asks for it."""

    table: str
    name: str
    columns: tuple[Column, ...]
    required: bool = False

    def column(self, field: str) -> Column:
        """KeyError for a field that the sheet does not have."""
        for column in self.columns:
            if column.field == field:
                return column
        raise KeyError(field)


class Cases:
    """Columns of sheet Register."""

    number = Column("No. Catatan", Kind.KEY, required=True)
    found_at = Column("Tanggal Ditemukan", Kind.DATETIME, required=True)
    service = Column("Jenis Layanan", Kind.CHOICE, required=True, choices="Jenis Layanan")
    description = Column("Uraian Ketidaksesuaian", Kind.REASON, required=True)
    found_by = Column("Ditemukan Oleh", Kind.PERSON, required=True)
    source = Column("Sumber", Kind.CHOICE, choices="Sumber")
    requirement = Column("Persyaratan yang Dilanggar")
    category = Column("Kategori", Kind.CHOICE, choices="Kategori")
    ptpp_number = Column("No. PTPP", Kind.KEY)
    ptpp_date = Column("Tanggal PTPP", Kind.DATE)
    addressee = Column("Kepada")
    correction = Column("Tindakan Langsung", Kind.REASON)
    cause = Column("Analisis Penyebab", Kind.REASON)
    corrective_action = Column("Tindakan Perbaikan", Kind.REASON)
    preventive_action = Column("Tindakan Pencegahan", Kind.REASON)
    responsible = Column("Penanggung Jawab", Kind.PERSON)
    due_date = Column("Target Selesai", Kind.DATE)
    disposition = Column("Keputusan", Kind.CHOICE, choices="Keputusan")
    decided_by = Column("Diputuskan Oleh", Kind.PERSON)
    segregation_place = Column("Tempat Pemisahan")
    correction_result = Column("Hasil Perbaikan")
    verification = Column("Hasil Verifikasi", Kind.CHOICE, choices="Hasil Verifikasi")
    verified_by = Column("Diverifikasi Oleh", Kind.PERSON)
    verified_on = Column("Tanggal Verifikasi", Kind.DATE)
    to_destroy = Column("Perlu Dimusnahkan", Kind.CHOICE, choices="Ya/Tidak")
    quantity = Column("Jumlah", Kind.NUMBER)
    unit = Column("Satuan")
    disposal_number = Column("No. BA Pemusnahan", Kind.REFERENCE)
    follow_up_ptpp = Column("PTPP Lanjutan", Kind.REFERENCE)
    status = Column("Status", Kind.CHOICE, choices="Status")
    remark = Column("Keterangan")


class Events:
    """Columns of sheet Langkah."""

    case = Column("No. Catatan", Kind.REFERENCE, required=True)
    step = Column("Langkah", Kind.STEP, required=True)
    actor = Column("Pelaksana", Kind.PERSON, required=True)
    start = Column("Mulai", Kind.DATETIME, required=True)
    end = Column("Selesai", Kind.DATETIME)
    outcome = Column("Hasil", Kind.CHOICE, choices="Hasil")
    remark = Column("Keterangan")


class Disposals:
    """Columns of sheet Pemusnahan."""

    number = Column("No. BA", Kind.KEY, required=True)
    date = Column("Tanggal", Kind.DATE, required=True)
    place = Column("Tempat", required=True)
    manner = Column("Cara Pemusnahan", required=True)
    executor = Column("Pelaksana", Kind.PERSON, required=True)
    witness1 = Column("Saksi 1", Kind.PERSON, required=True)
    witness2 = Column("Saksi 2", Kind.PERSON, required=True)
    acknowledged_by = Column("Mengetahui", Kind.PERSON, required=True)
    remark = Column("Keterangan")


class People:
    """Columns of sheet Pegawai. A person has a row for each post; `start` and `end` are its first and last day."""

    name = Column("Nama", Kind.KEY, required=True)
    nip = Column("NIP", Kind.NIP)
    rank = Column("Pangkat/Golongan")
    position = Column("Jabatan", required=True)
    role = Column("Peran", Kind.CHOICE, required=True, choices="Peran")
    email = Column("Email", Kind.EMAIL)
    active = Column("Aktif", Kind.CHOICE, choices="Ya/Tidak")
    start = Column("Mulai", Kind.DATE)
    end = Column("Sampai", Kind.DATE)
    basis = Column("Dasar")
    other_names = Column("Nama Lain")  # former spellings, separated by semicolons


class Office:
    """Columns of sheet Kantor."""

    key = Column("Kunci", required=True)
    value = Column("Nilai")


class Calendar:
    """Columns of sheet Kalender."""

    date = Column("Tanggal", Kind.DATE, required=True)
    kind = Column("Jenis", Kind.CHOICE, required=True, choices="Jenis Hari")
    remark = Column("Keterangan")
    basis = Column("Dasar")


class Hours:
    """Columns of sheet Jam Kerja."""

    valid_from = Column("Berlaku Mulai", Kind.DATE)
    valid_until = Column("Berlaku Sampai", Kind.DATE)
    days = Column("Hari", required=True)
    open = Column("Masuk", Kind.TIME, required=True)
    break_start = Column("Istirahat Mulai", Kind.TIME)
    break_end = Column("Istirahat Selesai", Kind.TIME)
    close = Column("Pulang", Kind.TIME, required=True)
    basis = Column("Dasar")
    remark = Column("Keterangan")


class Mail:
    """Columns of sheet Surel."""

    document = Column("Dokumen", Kind.CHOICE, required=True, choices="Dokumen")
    to = Column("Kepada", Kind.ROLE_OR_PERSON, required=True)
    cc = Column("Tembusan", Kind.ROLE_OR_PERSON)


def _plan(columns: type, name: str, required: bool = False) -> SheetPlan:
    own = tuple(column for column in vars(columns).values() if isinstance(column, Column))
    return SheetPlan(own[0].table, name, own, required)


REGISTER = _plan(Cases, "Register", required=True)
PTPP_NEEDS = (Cases.ptpp_date, Cases.addressee, Cases.responsible)
"""What a PTPP says besides its number: when, to whom, and who is responsible."""
EVENTS = _plan(Events, "Langkah", required=True)
DISPOSALS = _plan(Disposals, "Pemusnahan", required=True)
PEOPLE = _plan(People, "Pegawai", required=True)
OFFICE = _plan(Office, "Kantor")
CALENDAR = _plan(Calendar, "Kalender")
HOURS = _plan(Hours, "Jam Kerja")
MAIL = _plan(Mail, "Surel")
SHEETS = (REGISTER, EVENTS, DISPOSALS, PEOPLE, OFFICE, CALENDAR, HOURS, MAIL)
LIVE_HEADERS: Mapping[str, tuple[str, ...]] = {
    "Register": ("Langkah Berikutnya", "Batas Langkah", "Pantauan", "Belum Lengkap"),
    "Langkah": ("Batas Waktu", "Lama Kerja", "Pantauan Waktu", "Pantauan Urutan"),
    "Pemusnahan": ("Jumlah Kasus", "Pantauan"),
    "Pegawai": ("Sedang Dikerjakan",),
}
"""Headers of the live columns that staff see, per sheet: sopkit itself made them."""


def is_live(sheet: str, header: str) -> bool:
    """Whether a header is that of a live column, of today's or an earlier workbook's (auxiliary ones begin with h.)."""
    known = {name.casefold() for name in LIVE_HEADERS.get(sheet, ())}
    typed = " ".join(header.casefold().split())
    return typed.startswith("h.") or typed in known


LISTS_SHEET = "Daftar"
SOP_SHEET = "SOP"
GUIDE_SHEET = "Petunjuk"
SUMMARY_SHEET = "Ringkasan"
CALCULATION_SHEET = "Hitungan"
FORMULA_VERSION = 3
"""Of the live formulas; a workbook says its own in sheet Hitungan, beside `VERSION_LABEL`."""
VERSION_LABEL, FIRST_VERSION_LABEL = "Versi rumus", "Waktu kini"
"""In column A of sheet Hitungan; the formulas of version 1 said no number, and had a line of the second name."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "Jenis Layanan": (
        "Surat Keterangan Usaha", "Surat Keterangan Tidak Mampu", "Surat Pengantar SKCK", "Surat Keterangan Domisili",
        "Legalisasi Surat", "Surat Keterangan Ahli Waris", "Surat Pengantar Nikah", "Dispensasi Nikah",
        "Perekaman KTP-el", "Pengantar Kartu Keluarga", "Surat Pindah", "Rekomendasi Izin Keramaian",
        "Rekomendasi Proposal", "Rekomendasi Izin Usaha Mikro", "Pengaduan Masyarakat",
    ),
    "Sumber": ("Keluhan", "Audit", "Survei", "Layanan Tidak Sesuai", "Tinjauan Manajemen", "Lain-lain"),
    "Kategori": ("Mayor", "Minor", "Observasi"),
    "Keputusan": ("Perbaikan", "Penggantian", "Penarikan", "Penolakan"),
    "Hasil Verifikasi": ("Sesuai", "Tidak Sesuai"),
    "Ya/Tidak": ("Ya", "Tidak"),
    "Status": ("Terbuka", "Proses", "Selesai", "Batal"),
    "Hasil": ("Disetujui", "Ditolak"),
    "Peran": ("Staf", "Kasi", "Sekcam", "Camat"),
    "Jenis Hari": ("Libur Nasional", "Cuti Bersama", "Libur Daerah", "Hari Kerja"),
    "Dokumen": ("PTPP", "BA Pemusnahan", "Daftar PTPP", "Laporan", "Pengingat"),
}  # fmt: skip
"""Lists used where sheet Daftar does not give its own; only Jenis Layanan and Peran may be extended there."""

EXTENDABLE = ("Jenis Layanan", "Peran")


@dataclass(frozen=True)
class Setting:
    """One key of sheet Kantor with its default and what it means (printed on sheet Petunjuk).

    `choices`: all the values that it may have, in any letters; empty where there is no such list.
    """

    key: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()


_PATTERN = "Pola nomor {}. Bila berubah, tambahkan baris “Pola No. {} sejak 1 Juli 2026”; pola lama tetap tertulis."

SETTINGS = (
    Setting("Pemerintah", "", "Nama pemerintah daerah, baris pertama kop surat."),
    Setting("Nama Kantor", "", "Nama kantor, baris kedua kop surat."),
    Setting("Alamat", "", "Alamat, telepon, dan kode pos pada kop surat."),
    Setting("Tempat", "", "Nama tempat pada tanggal surat."),
    Setting("Lambang", "", "Nama berkas PNG lambang daerah di folder templates (boleh kosong)."),
    Setting("Kode Klasifikasi", "", "Kode klasifikasi arsip di bawah nomor dokumen; kosong berarti tidak dicetak."),
    Setting("Paraf", "", "Jabatan yang membubuhkan paraf, dipisahkan dengan titik koma; kosong berarti tidak dicetak."),
    Setting(
        "Tembusan", "", "Penerima tembusan PTPP dan BA, dipisahkan dengan titik koma; kosong berarti tidak dicetak."
    ),
    Setting("Tahun Register", "", "Tahun register; tanggal sebelum tahun itu diperingatkan."),
    Setting(
        "Pola No. Catatan",
        "{urut:03d}/CLTS/{bulan_romawi}/{tahun}",
        _PATTERN.format("catatan layanan tidak sesuai", "Catatan"),
    ),
    Setting("Pola No. PTPP", "{urut:03d}/PTPP/{bulan_romawi}/{tahun}", _PATTERN.format("PTPP", "PTPP")),
    Setting("Pola No. BA", "{urut:03d}/BA/{bulan_romawi}/{tahun}", _PATTERN.format("BA Pemusnahan", "BA")),
    Setting("Periksa Nomor Urut", "Ya", "Ya: nomor yang terlewat diperingatkan.", ("Ya", "Tidak")),
    Setting("Waktu Peringatan", "1 jam", "Sisa waktu kerja saat langkah berjalan mulai diperingatkan."),
    Setting("Batas Jeda", "1 hari", "Jeda paling lama antara dua langkah, dalam waktu kerja."),
    Setting("Periode Pemusnahan", "30 hari", "Paling lama hasil yang perlu dimusnahkan menunggu, dalam hari kalender."),
    Setting("Arti Satu Hari", "", "Kosong: menurut SOP. Atau: jam yang sama, jam pulang, 7,5 jam."),
    Setting("Domain Surel", "", "Domain surel yang boleh dituju, dipisahkan dengan koma; kosong berarti semua."),
    Setting(
        "Lampiran",
        "Word",
        "PDF: dokumen dibuat dan dilampirkan sebagai PDF (perlu LibreOffice atau Word); Word: sebagai berkas Word.",
        ("Word", "PDF"),
    ),
    Setting("Batas Lampiran", "10 MB", "Ukuran surel paling besar."),
    Setting("Waktu Acuan", "", "Kosong: waktu sekarang. Diisi: pemeriksaan memakai waktu ini."),
)

"""The canonical workbook: every sheet, its columns as staff read them, and how each is read (product.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """`field` is the name in code, `header` the text on the sheet, `choices` the column of sheet Daftar."""

    field: str
    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: str = ""


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


REGISTER = SheetPlan(
    "cases",
    "Register",
    (
        Column("number", "No. Catatan", Kind.KEY, required=True),
        Column("found_at", "Tanggal Ditemukan", Kind.DATETIME, required=True),
        Column("service", "Jenis Layanan", Kind.CHOICE, required=True, choices="Jenis Layanan"),
        Column("description", "Uraian Ketidaksesuaian", Kind.REASON, required=True),
        Column("found_by", "Ditemukan Oleh", Kind.PERSON, required=True),
        Column("source", "Sumber", Kind.CHOICE, choices="Sumber"),
        Column("requirement", "Persyaratan yang Dilanggar"),
        Column("category", "Kategori", Kind.CHOICE, choices="Kategori"),
        Column("ptpp_number", "No. PTPP", Kind.KEY),
        Column("ptpp_date", "Tanggal PTPP", Kind.DATE),
        Column("addressee", "Kepada"),
        Column("correction", "Tindakan Langsung", Kind.REASON),
        Column("cause", "Analisis Penyebab", Kind.REASON),
        Column("corrective_action", "Tindakan Perbaikan", Kind.REASON),
        Column("preventive_action", "Tindakan Pencegahan", Kind.REASON),
        Column("responsible", "Penanggung Jawab", Kind.PERSON),
        Column("due_date", "Target Selesai", Kind.DATE),
        Column("disposition", "Keputusan", Kind.CHOICE, choices="Keputusan"),
        Column("decided_by", "Diputuskan Oleh", Kind.PERSON),
        Column("segregation_place", "Tempat Pemisahan"),
        Column("correction_result", "Hasil Perbaikan"),
        Column("verification", "Hasil Verifikasi", Kind.CHOICE, choices="Hasil Verifikasi"),
        Column("verified_by", "Diverifikasi Oleh", Kind.PERSON),
        Column("verified_on", "Tanggal Verifikasi", Kind.DATE),
        Column("to_destroy", "Perlu Dimusnahkan", Kind.CHOICE, choices="Ya/Tidak"),
        Column("quantity", "Jumlah", Kind.NUMBER),
        Column("unit", "Satuan"),
        Column("disposal_number", "No. BA Pemusnahan", Kind.REFERENCE),
        Column("follow_up_ptpp", "PTPP Lanjutan", Kind.REFERENCE),
        Column("status", "Status", Kind.CHOICE, choices="Status"),
        Column("remark", "Keterangan"),
    ),
    required=True,
)
EVENTS = SheetPlan(
    "events",
    "Langkah",
    (
        Column("case", "No. Catatan", Kind.REFERENCE, required=True),
        Column("step", "Langkah", Kind.STEP, required=True),
        Column("actor", "Pelaksana", Kind.PERSON, required=True),
        Column("start", "Mulai", Kind.DATETIME, required=True),
        Column("end", "Selesai", Kind.DATETIME),
        Column("outcome", "Hasil", Kind.CHOICE, choices="Hasil"),
        Column("remark", "Keterangan"),
    ),
    required=True,
)
DISPOSALS = SheetPlan(
    "disposals",
    "Pemusnahan",
    (
        Column("number", "No. BA", Kind.KEY, required=True),
        Column("date", "Tanggal", Kind.DATE, required=True),
        Column("place", "Tempat", required=True),
        Column("manner", "Cara Pemusnahan", required=True),
        Column("executor", "Pelaksana", Kind.PERSON, required=True),
        Column("witness1", "Saksi 1", Kind.PERSON, required=True),
        Column("witness2", "Saksi 2", Kind.PERSON, required=True),
        Column("acknowledged_by", "Mengetahui", Kind.PERSON, required=True),
        Column("remark", "Keterangan"),
    ),
    required=True,
)
PEOPLE = SheetPlan(
    "people",
    "Pegawai",
    (
        Column("name", "Nama", Kind.KEY, required=True),
        Column("nip", "NIP", Kind.NIP),
        Column("rank", "Pangkat/Golongan"),
        Column("position", "Jabatan", required=True),
        Column("role", "Peran", Kind.CHOICE, required=True, choices="Peran"),
        Column("email", "Email", Kind.EMAIL),
        Column("active", "Aktif", Kind.CHOICE, choices="Ya/Tidak"),
    ),
    required=True,
)
OFFICE = SheetPlan(
    "office",
    "Kantor",
    (Column("key", "Kunci", required=True), Column("value", "Nilai")),
)
CALENDAR = SheetPlan(
    "calendar",
    "Kalender",
    (
        Column("date", "Tanggal", Kind.DATE, required=True),
        Column("kind", "Jenis", Kind.CHOICE, required=True, choices="Jenis Hari"),
        Column("remark", "Keterangan"),
        Column("basis", "Dasar"),
    ),
)
HOURS = SheetPlan(
    "hours",
    "Jam Kerja",
    (
        Column("valid_from", "Berlaku Mulai", Kind.DATE),
        Column("valid_until", "Berlaku Sampai", Kind.DATE),
        Column("days", "Hari", required=True),
        Column("open", "Masuk", Kind.TIME, required=True),
        Column("break_start", "Istirahat Mulai", Kind.TIME),
        Column("break_end", "Istirahat Selesai", Kind.TIME),
        Column("close", "Pulang", Kind.TIME, required=True),
        Column("basis", "Dasar"),
        Column("remark", "Keterangan"),
    ),
)
MAIL = SheetPlan(
    "mail",
    "Surel",
    (
        Column("document", "Dokumen", Kind.CHOICE, required=True, choices="Dokumen"),
        Column("to", "Kepada", Kind.ROLE_OR_PERSON, required=True),
        Column("cc", "Tembusan", Kind.ROLE_OR_PERSON),
    ),
)
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
    return header.startswith("h.") or header in LIVE_HEADERS.get(sheet, ())


LISTS_SHEET = "Daftar"
SOP_SHEET = "SOP"
GUIDE_SHEET = "Petunjuk"
SUMMARY_SHEET = "Ringkasan"
CALCULATION_SHEET = "Hitungan"
FORMULA_VERSION = 2
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
    """One key of sheet Kantor with its default and what it means (printed on sheet Petunjuk)."""

    key: str
    default: str
    meaning: str


SETTINGS = (
    Setting("Pemerintah", "", "Nama pemerintah daerah, baris pertama kop surat."),
    Setting("Nama Kantor", "", "Nama kantor, baris kedua kop surat."),
    Setting("Alamat", "", "Alamat, telepon, dan kode pos pada kop surat."),
    Setting("Tempat", "", "Nama tempat pada tanggal surat."),
    Setting("Lambang", "", "Nama berkas PNG lambang daerah di folder templates (boleh kosong)."),
    Setting("Tahun Register", "", "Tahun register; tanggal sebelum tahun ini diperingatkan."),
    Setting("Pola No. Catatan", "{urut:03d}/CLTS/{bulan_romawi}/{tahun}", "Pola nomor catatan layanan tidak sesuai."),
    Setting("Pola No. PTPP", "{urut:03d}/PTPP/{bulan_romawi}/{tahun}", "Pola nomor PTPP."),
    Setting("Pola No. BA", "{urut:03d}/BA/{bulan_romawi}/{tahun}", "Pola nomor BA Pemusnahan."),
    Setting("Periksa Nomor Urut", "Ya", "Ya: nomor yang terlewat diperingatkan."),
    Setting("Waktu Peringatan", "1 jam", "Sisa waktu kerja saat langkah berjalan mulai diperingatkan."),
    Setting("Batas Jeda", "1 hari", "Jeda paling lama antara dua langkah, dalam waktu kerja."),
    Setting("Periode Pemusnahan", "30 hari", "Paling lama hasil yang perlu dimusnahkan menunggu, dalam hari kalender."),
    Setting("Arti Satu Hari", "", "Kosong: menurut SOP. Atau: jam yang sama, jam pulang, 7,5 jam."),
    Setting("Domain Surel", "", "Domain surel yang boleh dituju, dipisahkan koma; kosong berarti semua."),
    Setting("Batas Lampiran", "10 MB", "Ukuran surel paling besar."),
    Setting("Waktu Acuan", "", "Kosong: waktu sekarang. Diisi: pemeriksaan memakai waktu ini."),
)

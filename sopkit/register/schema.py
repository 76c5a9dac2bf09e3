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
    """`header` is the text on the sheet, `choices` the column of sheet Daftar, `meaning` one sentence for staff: the
    note on the header, the prompt of its cells, sheet Petunjuk and KOLOM.md say it.

    A column is an attribute of its sheet's class below: `table` is that class in small letters (the attribute of
    `Register`), `field` the attribute's name. Code names a column as `Cases.found_at`, so mypy sees a misspelt one.
    """

    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: str = ""
    meaning: str = ""
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

    number = Column(
        "No. Catatan", Kind.KEY, required=True,
        meaning="Nomor catatan layanan tidak sesuai; boleh dikosongkan dahulu, lalu sopkit number memberi nomor "
        "berikutnya menurut pola di sheet Kantor.",
    )  # fmt: skip
    found_at = Column(
        "Tanggal Ditemukan", Kind.DATETIME, required=True,
        meaning="Tanggal dan jam ketidaksesuaian ditemukan, misalnya 19-08-2026 08:15.",
    )  # fmt: skip
    service = Column(
        "Jenis Layanan", Kind.CHOICE, required=True, choices="Jenis Layanan",
        meaning="Layanan yang tidak sesuai; layanan yang belum ada dalam daftar ditambahkan lebih dahulu di "
        "sheet Daftar.",
    )  # fmt: skip
    description = Column(
        "Uraian Ketidaksesuaian", Kind.REASON, required=True,
        meaning="Apa yang tidak sesuai dan pada berkas siapa, misalnya: nama pemohon pada SKU salah eja dan "
        "surat sudah diserahkan.",
    )  # fmt: skip
    found_by = Column(
        "Ditemukan Oleh", Kind.PERSON, required=True,
        meaning="Nama pegawai yang menemukan; bila Sumber berisi Keluhan, Survei, atau Audit boleh nama siapa "
        "saja, misalnya warga yang mengadu.",
    )  # fmt: skip
    source = Column(
        "Sumber", Kind.CHOICE, choices="Sumber",
        meaning="Dari mana diketahui: Keluhan pemohon, Audit, Survei kepuasan, Layanan Tidak Sesuai (ditemukan "
        "petugas sendiri), Tinjauan Manajemen, atau Lain-lain.",
    )  # fmt: skip
    requirement = Column(
        "Persyaratan yang Dilanggar",
        meaning="Ketentuan yang tidak dipenuhi, misalnya: Standar Pelayanan SKU, selesai dalam 1 hari kerja.",
    )  # fmt: skip
    category = Column(
        "Kategori", Kind.CHOICE, choices="Kategori",
        meaning="Mayor: merugikan pemohon, melanggar aturan, atau berulang; Minor: kekurangan yang akibatnya "
        "kecil; Observasi: belum tidak sesuai, tetapi dapat menjadi.",
    )  # fmt: skip
    ptpp_number = Column(
        "No. PTPP", Kind.KEY,
        meaning="Nomor Permintaan Tindakan Perbaikan dan Pencegahan; boleh dikosongkan dahulu, lalu sopkit "
        "number memberi nomor berikutnya.",
    )  # fmt: skip
    ptpp_date = Column(
        "Tanggal PTPP", Kind.DATE,
        meaning="Tanggal PTPP diterbitkan, misalnya 19-08-2026; paling lambat saat evaluasi dimulai.",
    )  # fmt: skip
    addressee = Column(
        "Kepada",
        meaning="Kepada siapa PTPP ditujukan: pilih nama dari daftar, atau tulis jabatannya, misalnya Kasi "
        "Pelayanan Umum.",
    )  # fmt: skip
    correction = Column(
        "Tindakan Langsung", Kind.REASON,
        meaning="Apa yang langsung dilakukan agar akibatnya berhenti, misalnya: surat yang salah ditarik dari "
        "pemohon hari itu juga.",
    )  # fmt: skip
    cause = Column(
        "Analisis Penyebab", Kind.REASON,
        meaning="Mengapa hal itu terjadi, bukan apa yang terjadi, misalnya: data disalin dari surat lama tanpa "
        "dicocokkan dengan KTP.",
    )  # fmt: skip
    corrective_action = Column(
        "Tindakan Perbaikan", Kind.REASON,
        meaning="Apa yang dilakukan terhadap penyebabnya, misalnya: data selalu diambil dari KTP dan dicocokkan "
        "dua petugas.",
    )  # fmt: skip
    preventive_action = Column(
        "Tindakan Pencegahan", Kind.REASON,
        meaning="Apa yang dilakukan agar tidak terjadi pada layanan lain, misalnya: daftar periksa dipakai di "
        "semua loket.",
    )  # fmt: skip
    responsible = Column(
        "Penanggung Jawab", Kind.PERSON,
        meaning="Pejabat yang memastikan tindakan itu selesai; pengingat dikirim kepadanya.",
    )  # fmt: skip
    due_date = Column(
        "Target Selesai", Kind.DATE,
        meaning="Batas tanggal selesainya tindakan, misalnya 26-08-2026; tidak sebelum Tanggal PTPP.",
    )  # fmt: skip
    disposition = Column(
        "Keputusan", Kind.CHOICE, choices="Keputusan",
        meaning="Perbaikan: hasil dibetulkan; Penggantian: dibuat hasil baru; Penarikan: yang sudah diserahkan "
        "diminta kembali; Penolakan: hasil tidak dipakai dan tidak diserahkan.",
    )  # fmt: skip
    decided_by = Column(
        "Diputuskan Oleh", Kind.PERSON,
        meaning="Pejabat yang memutuskan perlakuan itu (langkah memutuskan tindakan perbaikan).",
    )  # fmt: skip
    segregation_place = Column(
        "Tempat Pemisahan",
        meaning="Tempat hasil yang tidak sesuai disimpan terpisah agar tidak terpakai, misalnya: lemari B, map "
        "merah.",
    )  # fmt: skip
    correction_result = Column(
        "Hasil Perbaikan",
        meaning="Apa hasil tindakan perbaikan, misalnya: surat baru diserahkan kepada pemohon pada hari yang "
        "sama.",
    )  # fmt: skip
    verification = Column(
        "Hasil Verifikasi", Kind.CHOICE, choices="Hasil Verifikasi",
        meaning="Sesuai: tindakan berhasil dan penyebabnya hilang; Tidak Sesuai: belum, sehingga perlu PTPP "
        "lanjutan.",
    )  # fmt: skip
    verified_by = Column(
        "Diverifikasi Oleh", Kind.PERSON,
        meaning="Siapa yang memeriksa hasilnya; bukan yang melaksanakan perbaikan.",
    )  # fmt: skip
    verified_on = Column(
        "Tanggal Verifikasi", Kind.DATE,
        meaning="Tanggal hasil diperiksa, misalnya 28-08-2026; sesudah perbaikan selesai dan disetujui.",
    )  # fmt: skip
    to_destroy = Column(
        "Perlu Dimusnahkan", Kind.CHOICE, choices="Ya/Tidak",
        meaning="Ya: ada hasil salah yang harus dimusnahkan (misalnya surat salah cetak); Tidak: tidak ada, atau "
        "hasilnya dapat dibetulkan.",
    )  # fmt: skip
    quantity = Column("Jumlah", Kind.NUMBER, meaning="Banyaknya yang perlu dimusnahkan, dengan angka, misalnya 2.")
    unit = Column("Satuan", meaning="Satuan dari jumlah itu, misalnya lembar, berkas, atau keping.")
    disposal_number = Column(
        "No. BA Pemusnahan", Kind.REFERENCE,
        meaning="Nomor Berita Acara Pemusnahan yang memuat hasil ini; BA itu ditulis lebih dahulu di sheet "
        "Pemusnahan.",
    )  # fmt: skip
    follow_up_ptpp = Column(
        "PTPP Lanjutan", Kind.REFERENCE,
        meaning="Nomor PTPP berikutnya bila Hasil Verifikasi berisi Tidak Sesuai.",
    )  # fmt: skip
    status = Column(
        "Status", Kind.CHOICE, choices="Status",
        meaning="Terbuka: baru dicatat; Proses: sedang ditangani; Selesai: disetujui dan diverifikasi; Batal: "
        "ternyata sesuai atau salah catat, dengan sebab di Keterangan.",
    )  # fmt: skip
    remark = Column(
        "Keterangan",
        meaning="Sebab keterlambatan atau urutan yang berbeda, atau keterangan atas peringatan (paling sedikit "
        "10 huruf).",
    )  # fmt: skip


class Events:
    """Columns of sheet Langkah."""

    case = Column(
        "No. Catatan", Kind.REFERENCE, required=True,
        meaning="Nomor catatan layanan yang sedang dikerjakan, seperti tertulis di sheet Register.",
    )  # fmt: skip
    step = Column(
        "Langkah", Kind.STEP, required=True,
        meaning="Langkah SOP yang dikerjakan; satu baris untuk setiap kali langkah itu dikerjakan.",
    )  # fmt: skip
    actor = Column("Pelaksana", Kind.PERSON, required=True, meaning="Nama pegawai yang mengerjakan langkah ini.")
    start = Column(
        "Mulai", Kind.DATETIME, required=True,
        meaning="Tanggal dan jam langkah dimulai, diisi saat itu juga, misalnya 19-08-2026 08:15.",
    )  # fmt: skip
    end = Column(
        "Selesai", Kind.DATETIME,
        meaning="Tanggal dan jam langkah rampung, misalnya 19-08-2026 08:30; kosong selama masih dikerjakan.",
    )  # fmt: skip
    outcome = Column(
        "Hasil", Kind.CHOICE, choices="Hasil",
        meaning="Hanya untuk langkah persetujuan: Disetujui, atau Ditolak (perbaikan lalu diulang dengan baris "
        "baru).",
    )  # fmt: skip
    remark = Column(
        "Keterangan",
        meaning="Sebab keterlambatan atau urutan yang berbeda pada baris ini (paling sedikit 10 huruf).",
    )  # fmt: skip


class Disposals:
    """Columns of sheet Pemusnahan."""

    number = Column(
        "No. BA", Kind.KEY, required=True,
        meaning="Nomor Berita Acara Pemusnahan; boleh dikosongkan dahulu, lalu sopkit number memberi nomor "
        "berikutnya.",
    )  # fmt: skip
    date = Column("Tanggal", Kind.DATE, required=True, meaning="Tanggal pemusnahan, misalnya 20-11-2026.")
    place = Column("Tempat", required=True, meaning="Tempat pemusnahan, misalnya: halaman belakang kantor kecamatan.")
    manner = Column(
        "Cara Pemusnahan", required=True,
        meaning="Cara pemusnahan, misalnya: dicacah dengan mesin, dibakar.",
    )  # fmt: skip
    executor = Column("Pelaksana", Kind.PERSON, required=True, meaning="Nama pegawai yang memusnahkan.")
    witness1 = Column("Saksi 1", Kind.PERSON, required=True, meaning="Saksi pertama, bukan pelaksana.")
    witness2 = Column(
        "Saksi 2", Kind.PERSON, required=True,
        meaning="Saksi kedua, bukan pelaksana dan bukan saksi pertama.",
    )  # fmt: skip
    acknowledged_by = Column(
        "Mengetahui", Kind.PERSON, required=True,
        meaning="Pejabat yang mengetahui, yaitu Camat (atau Plt./Plh. pada hari itu).",
    )  # fmt: skip
    remark = Column("Keterangan", meaning="Catatan lain tentang pemusnahan ini.")


class People:
    """Columns of sheet Pegawai. A person has a row for each post; `start` and `end` are its first and last day."""

    name = Column(
        "Nama", Kind.KEY, required=True,
        meaning="Nama lengkap dengan gelar, seperti ditulis pada surat; sama di semua sheet.",
    )  # fmt: skip
    nip = Column("NIP", Kind.NIP, meaning="NIP 18 angka, ditulis sebagai teks; kosong bila tidak ada.")
    rank = Column("Pangkat/Golongan", meaning="Pangkat dan golongan, misalnya Penata Muda (III/a).")
    position = Column(
        "Jabatan", required=True,
        meaning="Jabatan seperti dicetak pada surat, misalnya Kasi Pelayanan Umum atau Plt. Camat.",
    )  # fmt: skip
    role = Column(
        "Peran", Kind.CHOICE, required=True, choices="Peran",
        meaning="Peran dalam SOP: Staf, Kasi, Sekcam, atau Camat; menentukan langkah apa yang boleh dikerjakan.",
    )  # fmt: skip
    email = Column(
        "Email", Kind.EMAIL,
        meaning="Satu alamat surel, misalnya nama@contoh.go.id; ke alamat ini draf surel ditujukan.",
    )  # fmt: skip
    active = Column(
        "Aktif", Kind.CHOICE, choices="Ya/Tidak",
        meaning="Ya: masih bertugas dan muncul dalam daftar pilihan; Tidak: sudah pindah atau pensiun.",
    )  # fmt: skip
    start = Column(
        "Mulai", Kind.DATE,
        meaning="Hari pertama peran ini berlaku, misalnya 01-07-2026; kosong bila sejak semula.",
    )  # fmt: skip
    end = Column("Sampai", Kind.DATE, meaning="Hari terakhir peran ini berlaku; kosong bila masih berlaku.")
    basis = Column("Dasar", meaning="Dasar peran ini, misalnya nomor SK atau surat perintah Plt./Plh.")
    other_names = Column("Nama Lain", meaning="Ejaan lain atau ejaan lama namanya, dipisahkan dengan titik koma.")


class Office:
    """Columns of sheet Kantor."""

    key = Column("Kunci", required=True, meaning="Nama ketentuan; artinya ada di sheet Petunjuk.")
    value = Column("Nilai", meaning="Isi ketentuan; klik selnya untuk melihat artinya.")


class Calendar:
    """Columns of sheet Kalender."""

    date = Column(
        "Tanggal", Kind.DATE, required=True,
        meaning="Tanggal libur atau hari kerja pengganti, misalnya 17-08-2026.",
    )  # fmt: skip
    kind = Column(
        "Jenis", Kind.CHOICE, required=True, choices="Jenis Hari",
        meaning="Libur Nasional, Cuti Bersama, dan Libur Daerah tidak dihitung; Hari Kerja: hari libur yang "
        "dipakai bekerja.",
    )  # fmt: skip
    remark = Column("Keterangan", meaning="Nama hari itu, misalnya Hari Kemerdekaan.")
    basis = Column("Dasar", meaning="Dasar penetapannya, misalnya Keputusan Bersama Tiga Menteri.")


class Hours:
    """Columns of sheet Jam Kerja."""

    valid_from = Column(
        "Berlaku Mulai", Kind.DATE,
        meaning="Hari pertama jam kerja ini berlaku; kosong bila sejak semula.",
    )  # fmt: skip
    valid_until = Column(
        "Berlaku Sampai", Kind.DATE,
        meaning="Hari terakhir jam kerja ini berlaku; kosong bila seterusnya. Rentang yang paling pendek yang "
        "dipakai.",
    )  # fmt: skip
    days = Column("Hari", required=True, meaning="Hari yang dimaksud, misalnya Senin-Kamis atau Jumat.")
    open = Column("Masuk", Kind.TIME, required=True, meaning="Jam masuk, misalnya 07:30.")
    break_start = Column(
        "Istirahat Mulai", Kind.TIME,
        meaning="Jam mulai istirahat, misalnya 12:00; kosong bila tanpa istirahat.",
    )  # fmt: skip
    break_end = Column("Istirahat Selesai", Kind.TIME, meaning="Jam selesai istirahat, misalnya 13:00.")
    close = Column("Pulang", Kind.TIME, required=True, meaning="Jam pulang, misalnya 16:00.")
    basis = Column("Dasar", meaning="Dasar jam kerja ini, misalnya Perpres 21/2023 atau surat edaran bupati.")
    remark = Column("Keterangan", meaning="Catatan, misalnya: bulan Ramadan.")


class Mail:
    """Columns of sheet Surel."""

    document = Column(
        "Dokumen", Kind.CHOICE, required=True, choices="Dokumen",
        meaning="Dokumen atau surel yang dikirim.",
    )  # fmt: skip
    to = Column(
        "Kepada", Kind.ROLE_OR_PERSON, required=True,
        meaning="Penerima: peran, nama pegawai, atau Penanggung Jawab kasusnya; satu penerima untuk satu sel.",
    )  # fmt: skip
    cc = Column("Tembusan", Kind.ROLE_OR_PERSON, meaning="Penerima tembusan, dengan cara yang sama; boleh kosong.")


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
FORMULA_VERSION = 4
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
    """One key of sheet Kantor with its default and what it means (printed on sheet Petunjuk, shown at its cell).

    `choices` are offered in a drop-down, in any letters; with `free` other values are right too.
    """

    key: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()
    free: bool = False


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
    Setting(
        "Arti Satu Hari",
        "",
        "Kosong: menurut SOP. Atau: jam yang sama, jam pulang, 7,5 jam.",
        ("jam yang sama", "jam pulang"),
        free=True,
    ),
    Setting("Surel Kantor", "", "Alamat surel kantor, tujuan balasan atas surel (Reply-To); boleh kosong."),
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

"""The fields of the templates: the plain Indonesian names that staff read in them, and what each means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sopkit.register.schema import DISPOSALS, REGISTER, Column, Kind
from sopkit.sop.model import Duty

NAMES: Mapping[str, str] = {
    "number": "nomor_catatan",
    "found_at": "tanggal_ditemukan",
    "service": "jenis_layanan",
    "description": "uraian_ketidaksesuaian",
    "found_by": "ditemukan_oleh",
    "source": "sumber",
    "requirement": "persyaratan_dilanggar",
    "category": "kategori",
    "ptpp_number": "nomor_ptpp",
    "ptpp_date": "tanggal_ptpp",
    "addressee": "kepada",
    "correction": "tindakan_langsung",
    "cause": "analisis_penyebab",
    "corrective_action": "tindakan_perbaikan",
    "preventive_action": "tindakan_pencegahan",
    "responsible": "penanggung_jawab",
    "due_date": "target_selesai",
    "disposition": "keputusan",
    "decided_by": "diputuskan_oleh",
    "segregation_place": "tempat_pemisahan",
    "correction_result": "hasil_perbaikan",
    "verification": "hasil_verifikasi",
    "verified_by": "diverifikasi_oleh",
    "verified_on": "tanggal_verifikasi",
    "to_destroy": "perlu_dimusnahkan",
    "quantity": "jumlah",
    "unit": "satuan",
    "disposal_number": "nomor_ba",
    "follow_up_ptpp": "ptpp_lanjutan",
    "status": "status",
    "remark": "keterangan",
}
"""Column of sheet Register -> field of the templates."""

DISPOSAL_NAMES: Mapping[str, str] = {
    "number": "nomor_ba",
    "date": "tanggal",
    "place": "tempat_pemusnahan",
    "manner": "cara_pemusnahan",
    "executor": "pelaksana",
    "witness1": "saksi_1",
    "witness2": "saksi_2",
    "acknowledged_by": "mengetahui",
    "remark": "keterangan",
}

PTPP_COLUMNS = (
    "number", "found_at", "service", "description", "found_by", "source", "requirement", "category", "ptpp_number",
    "ptpp_date", "addressee", "correction", "cause", "corrective_action", "preventive_action", "responsible",
    "due_date", "verification", "verified_by", "verified_on", "follow_up_ptpp",
)  # fmt: skip
"""Not Status and the like: what a PTPP does not say must not make a mailed one a new revision."""

PTPP_OPEN = (
    "correction", "cause", "corrective_action", "preventive_action", "due_date", "verification", "verified_on",
    "follow_up_ptpp", "verified_by",
)  # fmt: skip
"""Those that a PTPP leaves open to whoever gets it: a content control each, which `sopkit receive` reads."""

LABEL_COLUMNS = (
    "number", "found_at", "service", "ptpp_number", "disposition", "segregation_place", "quantity", "unit", "status",
)  # fmt: skip
SHORT_TEXT = 200  # characters of a description in a table; the PTPP has it whole
SHORT_REMARK = 100
LABEL_SERVICE, LABEL_PLACE, LABEL_UNIT = 42, 90, 26  # characters: two lines, three, and one beside the quantity

DUTIES: Mapping[Duty, tuple[str, str]] = {
    "identification": ("identifikasi", "mengidentifikasi layanan tidak sesuai"),
    "evaluation": ("evaluasi", "mengevaluasi"),
    "consultation": ("konsultasi", "berkonsultasi dengan pimpinan"),
    "decision": ("putusan", "memutuskan tindakan perbaikan"),
    "segregation": ("pemisahan", "memisahkan hasil layanan tidak sesuai"),
    "correction": ("perbaikan", "melakukan tindakan perbaikan"),
    "approval-request": ("permintaan_persetujuan", "meminta persetujuan"),
    "approval": ("persetujuan", "menyetujui tindakan perbaikan"),
    "destruction": ("pemusnahan", "memusnahkan"),
}
"""Duty of a step -> prefix of its fields, and the words for their meaning."""

HEAD_FIELDS: Mapping[str, str] = {
    "lambang": "Gambar lambang daerah; kosong bila Kantor tidak menyebutkannya",
    "pemerintah": "Pemerintah daerah, baris pertama kop surat",
    "nama_kantor": "Nama kantor, baris kedua kop surat",
    "alamat": "Alamat kantor pada kop surat",
    "tempat": "Nama tempat pada tanggal surat",
    "sop": "Judul SOP yang berlaku",
    "kode_klasifikasi": "Kode Klasifikasi dari sheet Kantor; kosong bila tidak diisi",
    "paraf": "Jabatan yang membubuhkan paraf dengan tempatnya; kosong bila Kantor tidak menyebutkannya",
    "tembusan": "Penerima tembusan, seorang sebaris; kosong bila Kantor tidak menyebutkannya",
    "kode_verifikasi": "Kode verifikasi arsip, bentuk pendek",
    "qr": "Gambar QR kode verifikasi arsip",
    "pimpinan": "Nama pimpinan kantor yang aktif; kosong bila tidak ada atau lebih dari satu",
    "pimpinan_nip": "NIP pimpinan kantor",
    "pimpinan_pangkat": "Pangkat/golongan pimpinan kantor",
    "pimpinan_jabatan": "Jabatan pimpinan kantor",
}
EXECUTION_FIELDS: Mapping[str, str] = {
    "nomor": "nomor langkah SOP",
    "aktivitas": "aktivitas menurut SOP",
    "pelaksana": "nama pelaksana",
    "mulai": "tanggal dan jam mulai",
    "selesai": "tanggal dan jam selesai",
    "waktu": "waktu kerja yang terpakai; kosong selama langkah berjalan",
    "baku_mutu": "baku mutu waktu menurut SOP",
    "penilaian": "tepat waktu, terlambat, atau berjalan",
    "hasil": "Disetujui atau Ditolak",
    "keterangan": "keterangan pada sheet Langkah, atau isi tidak_dilaksanakan",
    "tidak_dilaksanakan": "dilewati dengan sebabnya, atau tidak ada yang dimusnahkan; kosong bila dilaksanakan",
}
PTPP_ROW_FIELDS: Mapping[str, str] = {
    "no": "nomor urut baris",
    "nomor_ptpp": "No. PTPP",
    "tanggal": "Tanggal PTPP",
    "jenis_layanan": "jenis layanan",
    "uraian": "uraian ketidaksesuaian, lengkap",
    "uraian_ringkas": f"uraian ketidaksesuaian, paling banyak {SHORT_TEXT} huruf",
    "kategori": "kategori",
    "penanggung_jawab": "penanggung jawab",
    "target": "target selesai",
    "selesai": "tanggal persetujuan hasil perbaikan",
    "verifikasi": "hasil dan tanggal verifikasi",
    "status": "status",
    "umur": "hari kerja sejak PTPP sampai disetujui, atau sampai daftar ini dibuat",
    "keterangan": "keterangan, lengkap",
    "keterangan_ringkas": f"keterangan, paling banyak {SHORT_REMARK} huruf",
}
DESTROYED_FIELDS: Mapping[str, str] = {
    "no": "nomor urut baris",
    "nomor_catatan": "No. Catatan",
    "jenis_layanan": "jenis layanan",
    "uraian": "uraian ketidaksesuaian dari hasil yang dimusnahkan, lengkap",
    "uraian_ringkas": f"uraian itu, paling banyak {SHORT_TEXT} huruf",
    "jumlah": "jumlah",
    "satuan": "satuan",
    "alasan": "alasan pemusnahan",
}


def _meanings(columns: Iterable[Column], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in columns:
        yield from _meanings_of(names[column.field], column)


def _meanings_of(name: str, column: Column) -> Iterator[tuple[str, str]]:
    header = column.header
    yield name, header
    if column.kind in (Kind.DATE, Kind.DATETIME):
        yield f"{name}_hari", f"{header}: nama hari"
        yield f"{name}_terbilang", f"{header} dengan huruf"
        yield f"{name}_angka", f"{header}: hh-bb-tttt"
    if column.kind is Kind.DATETIME:
        yield f"{name}_jam", f"{header}: jam, kosong bila tidak dicatat"
    if column.kind is Kind.PERSON:
        yield from list(_person_meanings(name, header).items())[1:]
    if column.kind is Kind.NUMBER:
        yield f"{name}_terbilang", f"{header} dengan huruf"


def _duty_meanings() -> Iterator[tuple[str, str]]:
    for prefix, words in DUTIES.values():
        yield from _person_meanings(f"{prefix}_oleh", f"Yang {words}").items()
        yield f"{prefix}_mulai", f"Waktu mulai {words}"
        yield f"{prefix}_selesai", f"Waktu selesai {words}"
        yield f"{prefix}_tanggal", f"Tanggal selesai {words}"
        yield f"{prefix}_hasil", f"Hasil {words} (Disetujui atau Ditolak)"
        yield f"{prefix}_keterangan", f"Keterangan langkah {words}"


def _person_meanings(name: str, meaning: str) -> Mapping[str, str]:
    rest = {"nip": "NIP", "pangkat": "pangkat/golongan", "jabatan": "jabatan"}
    return {name: meaning, **{f"{name}_{suffix}": f"{meaning}: {words}" for suffix, words in rest.items()}}


def _rows_meaning(name: str, text: str, fields: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text, **{f"{name}.{key}": meaning for key, meaning in fields.items()}}


FIELDS: Mapping[str, Mapping[str, str]] = {
    "ptpp": {
        **HEAD_FIELDS,
        **dict(_meanings([REGISTER.column(name) for name in PTPP_COLUMNS], NAMES)),
        **_person_meanings("pengusul", "Yang mengidentifikasi layanan tidak sesuai; tanpa langkah itu Ditemukan Oleh"),
    },
    "catatan": {
        **HEAD_FIELDS,
        **dict(_meanings(REGISTER.columns, NAMES)),
        **dict(_duty_meanings()),
        **_person_meanings("disetujui_oleh", "Yang menyetujui; kosong sebelum disetujui dan sesudah ditolak"),
        "disetujui_tanggal": "Tanggal disetujui",
        **_rows_meaning(
            "langkah", "Daftar pelaksanaan langkah SOP; pakai {%tr for baris in langkah %}", EXECUTION_FIELDS
        ),
    },
    "ba": {
        **HEAD_FIELDS,
        **dict(_meanings(DISPOSALS.columns, DISPOSAL_NAMES)),
        "tanggal_hari_terbilang": "Hari ke berapa dalam bulan, dengan huruf",
        "tanggal_bulan": "Nama bulan",
        "tanggal_tahun_terbilang": "Tahun dengan huruf",
        "banyak": "Banyaknya layanan tidak sesuai yang hasilnya dimusnahkan",
        "banyak_terbilang": "Banyaknya, dengan huruf",
        **_rows_meaning("rincian", "Daftar yang dimusnahkan; pakai {%tr for baris in rincian %}", DESTROYED_FIELDS),
        **_rows_meaning(
            "jumlah_per_satuan", "Jumlah untuk tiap satuan", {"satuan": "satuan", "jumlah": "jumlah seluruhnya"}
        ),
    },
    "daftar": {
        **HEAD_FIELDS,
        "periode": "Periode daftar, misalnya Januari s.d. November 2026",
        "tautan_riwayat": "Tautan riwayat register saat daftar dibuat (sopkit verify --code); kosong tanpa riwayat",
        "akhir_periode": "Tanggal sampai kapan umur yang belum disetujui dihitung: waktu acuan saat daftar dibuat",
        **_rows_meaning("daftar", "Daftar PTPP; pakai {%tr for baris in daftar %}", PTPP_ROW_FIELDS),
        **_rows_meaning(
            "jumlah_per_status", "Banyaknya PTPP untuk tiap status", {"status": "status", "banyak": "banyaknya"}
        ),
        "banyak": "Banyaknya PTPP seluruhnya",
        "belum_tercantum": "No. PTPP yang datanya belum benar sehingga belum tercantum; kosong bila tidak ada",
    },
    "label": {
        **HEAD_FIELDS,
        **dict(_meanings([REGISTER.column(name) for name in LABEL_COLUMNS], NAMES)),
        "tanggal_pemisahan": "Tanggal hasil layanan tidak sesuai dipisahkan",
        "dipisahkan_oleh": "Yang memisahkan",
        "jenis_layanan_ringkas": f"Jenis Layanan, paling banyak {LABEL_SERVICE} huruf",
        "tempat_ringkas": f"Tempat Pemisahan, paling banyak {LABEL_PLACE} huruf",
        "satuan_ringkas": f"Satuan, paling banyak {LABEL_UNIT} huruf",
    },
}
"""Kind of document -> field -> meaning. A field of a list's rows is written `list.field`."""

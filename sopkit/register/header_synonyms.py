"""Headers that nobody made for sopkit: what offices call the columns that the register knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sopkit.register.layout import plain
from sopkit.register.schema import Column

LIKELY = 60  # likeness (0 to 100) from which a header is worth suggesting
SYNONYMS: Mapping[str, Sequence[str]] = {
    "No. Catatan": ("Nomor", "Nomor Catatan", "No Register", "Nomor Register", "Nomor Tiket", "No. Kasus", "ID"),
    "Tanggal Ditemukan": ("Tanggal Kejadian", "Tgl Temuan", "Waktu Temuan", "Tanggal Temuan", "Tanggal Masuk"),
    "Jenis Layanan": ("Layanan", "Nama Layanan", "Pelayanan"),
    "Uraian Ketidaksesuaian": ("Uraian", "Masalah", "Deskripsi", "Uraian Masalah", "Ketidaksesuaian", "Isi Keluhan"),
    "Kepada": ("Ditujukan Kepada",),
    "Ditemukan Oleh": ("Penemu", "Pelapor", "Pencatat", "Dilaporkan Oleh", "Petugas Pencatat"),
    "Sumber": ("Asal", "Sumber Temuan"),
    "Kategori": ("Tingkat", "Klasifikasi"),
    "Analisis Penyebab": ("Penyebab", "Akar Masalah", "Sebab"),
    "Tindakan Perbaikan": ("Perbaikan", "Tindak Lanjut", "Tindakan Korektif"),
    "Tindakan Pencegahan": ("Pencegahan",),
    "Penanggung Jawab": ("PIC", "Penanggungjawab"),
    "Target Selesai": ("Tenggat", "Batas Waktu", "Target", "Jatuh Tempo"),
    "Diputuskan Oleh": ("Pemutus", "Pejabat Pemutus"),
    "Tempat Pemisahan": ("Lokasi Pemisahan", "Tempat Penyimpanan"),
    "Status": ("Keadaan", "Posisi"),
    "Keterangan": ("Catatan", "Ket", "Ket."),
    "Langkah": ("Tahap", "Tahapan", "No. Langkah", "Kegiatan", "Proses"),
    "Pelaksana": ("Petugas", "Dikerjakan Oleh", "Oleh"),
    "Mulai": ("Waktu Mulai", "Jam Mulai", "Dimulai", "Awal", "Waktu Awal"),
    "Selesai": ("Waktu Selesai", "Jam Selesai", "Berakhir", "Akhir", "Waktu Akhir"),
    "Hasil": ("Hasil Persetujuan",),
    "Nama": ("Nama Pegawai", "Nama Lengkap"),
    "Jabatan": ("Jabatan Struktural", "Pekerjaan", "Tugas"),
    "NIP": ("Nomor Induk Pegawai",),
    "Peran": ("Sebagai", "Level"),
    "Email": ("Surel", "Alamat Email", "E-mail"),
    "Perlu Dimusnahkan": ("Dimusnahkan", "Musnah"),
    "No. BA Pemusnahan": ("No. BA", "Nomor Berita Acara", "No. Berita Acara Pemusnahan"),
    "No. BA": ("Nomor BA", "Nomor Berita Acara"),
}
ABBREVIATED = {"nomor": "no", "nmr": "no", "tgl": "tanggal", "tggl": "tanggal", "ket": "keterangan"}


def likeness(header: str, column: Column) -> float:
    """How like a header is to a column's own or to what else it is called, 0 to 100."""
    from rapidfuzz import fuzz

    names = (column.header, *SYNONYMS.get(column.header, ()))
    return max(fuzz.token_sort_ratio(_spelt(header), _spelt(name)) for name in names)


def _spelt(header: str) -> str:
    """A header with the usual abbreviations in one form: `Nomor PTPP` as `No.PTPP`, `Tgl PTPP` as `Tanggal PTPP`.

    A bare `No` stays what it is: it counts rows and is no number of a document.
    """
    words = re.findall(r"[^\s.]+", plain(header))
    return " ".join(ABBREVIATED.get(word, word) if len(words) > 1 or word == "tgl" else word for word in words)

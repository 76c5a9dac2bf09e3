"""T: templates and documents. These arise while documents are made; here they are catalogued."""

from __future__ import annotations

from sopkit.checks.catalogue import Severity, declare

UNKNOWN_FIELD = declare(
    "T01",
    Severity.ERROR,
    message="Templat {template}, {place}: isian “{field}” tidak dikenal{nearest}.",
    fix="Perbaiki nama isian itu di Word; perintah sopkit template fields menampilkan daftarnya.",
    reason="Isian yang tidak dikenal akan tercetak kosong pada dokumen resmi.",
    clause="ISO 9001:2015 klausul 7.5.2",
    why="A template names a field that does not exist; it would be printed as a blank.",
)
BROKEN_TAG = declare(
    "T02",
    Severity.ERROR,
    message="Templat {template}, {place}: penanda rusak, {problem}.",
    fix="Perbaiki penanda itu di Word; {remedy}.",
    reason="Penanda yang rusak membuat dokumen tidak dapat diisi atau terisi keliru.",
    clause="ISO 9001:2015 klausul 7.5.2",
    why="A tag is unclosed, unknown or typed with smart quotes, so the template cannot be filled.",
)
UNUSABLE_TEMPLATE = declare(
    "T03",
    Severity.ERROR,
    message="Templat {template} tidak dapat dipakai: {problem}.",
    fix="{remedy}",
    reason="Templat yang rusak atau mengambil isi dari luar tidak aman dipakai untuk dokumen resmi.",
    clause="ISO 9001:2015 klausul 7.5.3",
    why="A template cannot be opened, whatever the reason: missing, no .docx, macros, or content from outside. "
    "It stops nothing but its own documents, and the remedy fits the cause.",
)
EDITED_DOCUMENT = declare(
    "T04",
    Severity.WARNING,
    tags={"edited"},
    message="Dokumen {file} telah diubah dengan tangan sejak dibuat; dokumen itu dibiarkan.",
    fix="Biarkan bila dokumen itu sudah ditandatangani. Bila belum, jalankan lagi dengan --overwrite untuk membuatnya "
    "kembali; naskah yang diubah disimpan sebagai cadangan.",
    reason="Suntingan tangan tidak boleh hilang, tetapi dokumen itu tidak lagi sama dengan registernya.",
    clause="ISO 9001:2015 klausul 7.5.3",
    why="The file is not the one that sopkit wrote (its hash differs), so somebody edited it: it is kept.",
)
UNUSABLE_CREST = declare(
    "T50",
    Severity.WARNING,
    message="Lambang “{name}” tidak tercetak di kop: {problem}.",
    fix="Letakkan gambar PNG itu di folder templates, atau kosongkan Lambang di sheet Kantor; lalu jalankan lagi.",
    reason="Kop surat yang lengkap menunjukkan dari kantor mana dokumen itu berasal.",
    clause="ISO 9001:2015 klausul 7.5.2",
    why="The picture that Kantor names cannot be used; the documents are made without it.",
)
MISSING_FIELD = declare(
    "T05",
    Severity.ERROR,
    tags={"hole"},
    message="Dokumen {document} tidak dapat dibuat karena {problem}.",
    fix="{remedy}",
    reason="Dokumen yang berlubang tidak layak ditandatangani.",
    clause="ISO 9001:2015 klausul 7.5.3",
    why="A field that the document needs is empty in the workbook, and the finding points to its cell; or filling this "
    "one document would take more time or memory than any document needs. The others are made.",
)

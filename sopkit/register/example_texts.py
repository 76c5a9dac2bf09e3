"""What goes wrong at a sub-district's counters: the texts of the example register. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One way in which a service fails: what was seen, why, what mends it, what keeps it from coming back."""

    seen: str
    cause: str
    mend: str
    prevent: str


@dataclass(frozen=True)
class Service:
    """A service of the list Jenis Layanan: what it must satisfy, its unit, what is done at once, and its stories."""

    name: str
    requirement: str
    unit: str
    correction: str
    stories: tuple[Story, ...]


SERVICES = (
    Service(
        "Surat Keterangan Usaha", "Standar Pelayanan SKU: data usaha sesuai pengantar desa",
        "lembar", "Surat ditarik dari pemohon dan diganti tanda terima sementara.",
        (
            Story("Alamat usaha pada surat tidak sama dengan pengantar Desa {desa}.",
                  "Petugas loket menyalin alamat dari berkas pemohon sebelumnya karena isian lama belum dikosongkan.",
                  "Menerbitkan ulang surat sesuai pengantar desa dan memparaf berkas lama.",
                  "Isian pada aplikasi loket dikosongkan otomatis setiap nomor antrean berganti."),
            Story("Jenis usaha ditulis perdagangan, padahal pemohon dari Desa {desa} usahanya jasa katering.",
                  "Daftar kode usaha di loket masih terbitan tahun lalu dan tidak memuat katering rumahan.",
                  "Mengganti surat dengan jenis usaha yang benar.",
                  "Daftar kode usaha diperbarui setiap awal triwulan oleh Seksi Ekonomi."),
            Story("Surat terbit tanpa tanggal berlaku sehingga ditolak bank di {desa}.",
                  "Konsep surat terakhir dipakai tanpa pemeriksaan kelengkapan oleh pengolah data.",
                  "Menambahkan masa berlaku dan mencetak ulang surat.",
                  "Daftar periksa enam butir ditempel di meja pengolah data."),
            Story("Nama pemilik usaha keliru satu huruf, diketahui saat diambil warga Desa {desa}.",
                  "Tulisan tangan pada formulir sulit dibaca dan tidak dicocokkan dengan KTP-el.",
                  "Mencetak ulang surat memakai ejaan pada KTP-el.",
                  "Nama diambil dari hasil pindai KTP-el, bukan dari tulisan tangan."),
            Story("Surat usaha warga {desa} mencantumkan NIB milik pelaku usaha lain.",
                  "Dua map pemohon tertukar ketika loket berpindah meja saat pengecatan ruang.",
                  "Menukar kembali berkas dan menerbitkan surat baru.",
                  "Map pemohon diberi nomor antrean sejak di meja penerimaan."),
            Story("Masa usaha tertulis dua bulan, seharusnya dua tahun.",
                  "Pilihan satuan waktu pada aplikasi kembali ke bulan setelah pemutakhiran.",
                  "Membetulkan masa usaha dan mencetak ulang.",
                  "Pengolah data mencocokkan satuan waktu sebelum mencetak."),
            Story("Foto tempat usaha pada berkas bukan milik pemohon dari {desa}.",
                  "Petugas lapangan mengirim foto tanpa keterangan lokasi lewat grup percakapan.",
                  "Memotret ulang tempat usaha bersama perangkat desa.",
                  "Foto lapangan wajib memakai tanda lokasi."),
            Story("Surat usaha dicetak pada kertas berkop lama.",
                  "Sisa kop lama belum dimusnahkan dan terpasang di pencetak kedua.",
                  "Mencetak ulang pada kop yang berlaku.",
                  "Sisa kop lama diserahkan kepada pengelola barang."),
        ),
    ),
    Service(
        "Surat Keterangan Tidak Mampu", "Standar Pelayanan SKTM: terdaftar pada data kesejahteraan sosial",
        "lembar", "Pemohon diberi penjelasan dan surat ditahan sampai data dicocokkan.",
        (
            Story("SKTM terbit untuk keluarga di Desa {desa} yang tidak tercantum dalam data kesejahteraan sosial.",
                  "Data kesejahteraan sosial di komputer loket belum dimutakhirkan sejak semester lalu.",
                  "Mencocokkan ulang dengan data mutakhir dan mencabut surat yang keliru.",
                  "Operator mengunduh data terbaru setiap Senin pertama."),
            Story("Keperluan surat ditulis beasiswa, seharusnya keringanan biaya rumah sakit.",
                  "Pemohon menyebut dua keperluan dan loket mencatat yang pertama saja tanpa konfirmasi.",
                  "Menerbitkan surat dengan keperluan yang benar pada hari yang sama.",
                  "Keperluan dibacakan kembali kepada pemohon sebelum dicetak."),
            Story("Surat belum ditandatangani tetapi sudah diserahkan kepada warga Desa {desa}.",
                  "Map surat yang sudah dan belum ditandatangani diletakkan pada rak yang sama.",
                  "Menarik surat, menandatanganinya, lalu menyerahkan kembali.",
                  "Rak surat dipisah dengan warna map berbeda."),
            Story("Nomor Kartu Keluarga pada SKTM tertukar dengan pemohon lain dari Desa {desa}.",
                  "Dua berkas dikerjakan bersamaan oleh satu petugas pada jam ramai.",
                  "Memperbaiki kedua surat dan memberi tahu kedua pemohon.",
                  "Satu berkas diselesaikan dahulu sebelum berkas berikutnya dibuka."),
        ),
    ),
    Service(
        "Surat Pengantar SKCK", "Standar Pelayanan pengantar SKCK: identitas lengkap dan tujuan jelas",
        "lembar", "Pengantar yang keliru ditahan di loket dan antrean diprioritaskan.",
        (
            Story("Tujuan pengantar ditulis Polres, padahal pemohon Desa {desa} cukup ke Polsek.",
                  "Petugas baru belum memahami pembagian kewenangan penerbitan SKCK.",
                  "Mengganti surat pengantar dengan tujuan Polsek.",
                  "Petugas baru didampingi dua minggu dan memakai lembar kewenangan."),
            Story("Pas foto pada berkas pengantar tidak sesuai ketentuan latar belakang.",
                  "Papan persyaratan di ruang tunggu memuat ketentuan yang sudah tidak berlaku.",
                  "Meminta pas foto baru dan melampirkannya pada berkas.",
                  "Papan persyaratan diperiksa setiap bulan oleh Seksi Pelayanan."),
            Story("Tanggal lahir pada surat pengantar berbeda dengan akta, dikeluhkan warga {desa}.",
                  "Data diketik dari KTP lama yang tanggal lahirnya pernah dibetulkan.",
                  "Mencetak ulang pengantar menurut akta kelahiran.",
                  "Setiap perbedaan data dicocokkan dengan akta lebih dahulu."),
            Story("Pengantar selesai melewati janji layanan lima belas menit.",
                  "Jaringan ke server kabupaten terputus dan tidak ada blangko cadangan.",
                  "Menyelesaikan pengantar dengan blangko manual bernomor.",
                  "Blangko manual bernomor disiapkan dua puluh lembar di loket."),
        ),
    ),
    Service(
        "Surat Keterangan Domisili", "Standar Pelayanan domisili: pengantar RT/RW dan desa yang masih berlaku",
        "lembar", "Surat dibatalkan sementara dan pemohon dihubungi lewat telepon.",
        (
            Story("Domisili lembaga di Desa {desa} terbit dengan RT dan RW terbalik.",
                  "Kolom RT dan RW pada formulir tidak seurut dengan kolom pada aplikasi.",
                  "Menerbitkan ulang surat dengan RT/RW yang benar.",
                  "Urutan kolom formulir disamakan dengan aplikasi."),
            Story("Surat domisili diterbitkan dengan pengantar desa yang sudah kedaluwarsa.",
                  "Tanggal berlaku pengantar tidak termasuk butir pemeriksaan loket.",
                  "Meminta pengantar baru dan mengganti surat.",
                  "Butir tanggal berlaku ditambahkan pada daftar periksa."),
            Story("Kop surat domisili memakai nama pejabat lama.",
                  "Berkas contoh di komputer kedua tidak ikut diganti saat serah terima jabatan.",
                  "Mencetak ulang surat dengan kop dan pejabat yang benar.",
                  "Contoh surat disimpan di satu folder bersama yang dikunci."),
            Story("Domisili pemohon dari {desa} tercatat ganda dengan dua nomor surat.",
                  "Agenda surat keluar ditulis di dua buku oleh dua petugas.",
                  "Membatalkan salah satu nomor dengan berita acara.",
                  "Agenda surat keluar dijadikan satu buku elektronik."),
        ),
    ),
    Service(
        "Legalisasi Surat", "Standar Pelayanan legalisasi: salinan dicocokkan dengan dokumen asli",
        "lembar", "Salinan diberi tanda batal dan dipisahkan dari berkas pemohon.",
        (
            Story("Cap legalisasi dibubuhkan pada salinan yang tidak cocok dengan aslinya.",
                  "Dokumen asli dikembalikan sebelum semua salinan selesai dicocokkan.",
                  "Mencocokkan ulang seluruh salinan dan membatalkan yang keliru.",
                  "Dokumen asli ditahan sampai pencocokan selesai."),
            Story("Legalisasi ijazah warga {desa} memakai cap yang tidak terbaca.",
                  "Bantalan tinta kering dan persediaan tinta di gudang habis.",
                  "Mengulang pembubuhan cap dengan bantalan baru.",
                  "Persediaan tinta dicatat dan dipesan sebelum tinggal satu."),
            Story("Jumlah salinan yang dilegalisasi kurang satu dari permintaan.",
                  "Permintaan jumlah hanya disampaikan lisan saat loket berganti petugas.",
                  "Melengkapi salinan yang kurang pada hari itu.",
                  "Jumlah salinan ditulis pada lembar antrean."),
            Story("Tanggal legalisasi tertulis bulan yang sudah lewat.",
                  "Cap tanggal tidak diputar pada awal hari.",
                  "Membatalkan salinan dan membubuhkan cap dengan tanggal benar.",
                  "Cap tanggal diperiksa saat apel pagi."),
        ),
    ),
    Service(
        "Surat Keterangan Ahli Waris", "Standar Pelayanan ahli waris: silsilah dan saksi lengkap",
        "berkas", "Berkas ditahan dan keluarga diberi tahu kekurangannya.",
        (
            Story("Seorang ahli waris dari Desa {desa} tidak tercantum dalam surat.",
                  "Silsilah dari desa belum memuat anak yang tinggal di luar kota.",
                  "Meminta silsilah lengkap dan menerbitkan surat baru.",
                  "Silsilah wajib ditandatangani seluruh ahli waris."),
            Story("Tanda tangan dua saksi dibubuhkan oleh orang yang sama.",
                  "Saksi kedua berhalangan dan keluarga tidak diberi tahu ketentuannya.",
                  "Mengulang penandatanganan di hadapan Kasi.",
                  "Ketentuan saksi dicetak pada lembar persyaratan."),
            Story("Tanggal kematian pada surat berbeda dengan akta kematian.",
                  "Konsep surat disusun dari keterangan lisan keluarga di {desa}.",
                  "Memperbaiki surat menurut akta kematian.",
                  "Konsep hanya disusun bila akta kematian terlampir."),
            Story("Surat ahli waris terbit tanpa materai pada pernyataan keluarga.",
                  "Loket menganggap materai telah diperiksa di kantor desa.",
                  "Melengkapi materai dan memperbarui pernyataan.",
                  "Pembagian pemeriksaan desa dan kecamatan ditulis dalam nota kesepahaman."),
        ),
    ),
    Service(
        "Surat Pengantar Nikah", "Standar Pelayanan pengantar nikah: berkas N1 sampai N4 lengkap",
        "berkas", "Calon pengantin diberi jadwal baru dan berkas dipisahkan.",
        (
            Story("Berkas N2 calon pengantin dari Desa {desa} tidak dibubuhi tanggal.",
                  "Formulir N2 versi baru letak tanggalnya berpindah dan tidak disadari petugas.",
                  "Melengkapi tanggal bersama calon pengantin.",
                  "Formulir versi baru diperkenalkan pada rapat mingguan."),
            Story("Status jejaka tertulis untuk pemohon yang pernah menikah.",
                  "Akta cerai diserahkan terpisah dan belum digabungkan dengan berkas.",
                  "Mengganti pengantar sesuai akta cerai.",
                  "Berkas susulan dicatat pada kartu kendali berkas."),
            Story("Nama wali dalam pengantar keliru, diketahui oleh KUA.",
                  "Hubungan wali disalin dari kartu keluarga yang lama.",
                  "Menerbitkan pengantar baru dan mengantarkannya ke KUA.",
                  "Nama wali dibacakan kepada keluarga sebelum dicetak."),
            Story("Pengantar nikah warga {desa} selesai setelah jadwal pendaftaran KUA.",
                  "Berkas menunggu tanda tangan pejabat yang sedang dinas luar.",
                  "Meminta penjadwalan ulang kepada KUA.",
                  "Pejabat pengganti ditetapkan setiap ada dinas luar."),
        ),
    ),
    Service(
        "Dispensasi Nikah", "Standar Pelayanan dispensasi: pengajuan kurang dari sepuluh hari kerja",
        "lembar", "Surat ditarik dan keluarga diberi penjelasan tertulis.",
        (
            Story("Dispensasi terbit untuk pernikahan yang masih lebih dari sepuluh hari kerja.",
                  "Hari libur nasional tidak diperhitungkan saat menghitung sepuluh hari kerja.",
                  "Mencabut surat dan mengarahkan ke pengantar biasa.",
                  "Penghitungan hari memakai kalender kerja di loket."),
            Story("Tempat akad pada dispensasi berbeda dengan pengantar Desa {desa}.",
                  "Perubahan tempat akad disampaikan lewat pesan singkat dan tidak tercatat.",
                  "Menerbitkan surat dengan tempat akad yang benar.",
                  "Perubahan hanya diterima dengan surat keluarga."),
            Story("Alasan dispensasi dikosongkan pada surat yang sudah diserahkan.",
                  "Pengolah data menunggu keterangan keluarga dan lupa menandai berkas.",
                  "Melengkapi alasan dan mencetak ulang.",
                  "Berkas menunggu diberi penanda merah."),
            Story("Nomor dispensasi sama dengan surat pengantar lain.",
                  "Nomor diambil dari agenda sebelum surat sebelumnya dicatat.",
                  "Memberi nomor baru dan mencatat pembatalan.",
                  "Nomor diberikan oleh satu petugas agenda."),
        ),
    ),
    Service(
        "Perekaman KTP-el", "Standar Pelayanan perekaman: biometrik terbaca dan data cocok",
        "lembar", "Pemohon direkam ulang pada alat kedua.",
        (
            Story("Sidik jari pemohon dari Desa {desa} tidak terbaca dan data gagal terkirim.",
                  "Kaca pemindai sidik jari tergores dan belum pernah dikalibrasi tahun ini.",
                  "Merekam ulang dengan alat cadangan dan mengirim data.",
                  "Kalibrasi alat dijadwalkan setiap enam bulan."),
            Story("Foto perekaman tertukar antara dua bersaudara.",
                  "Antrean dipanggil dengan nama depan yang sama.",
                  "Mengulang foto kedua pemohon.",
                  "Antrean dipanggil dengan nomor dan NIK."),
            Story("Warga lanjut usia dari {desa} menunggu perekaman lebih dari dua jam.",
                  "Belum ada jalur khusus dan satu alat sedang diperbaiki di kabupaten.",
                  "Melayani perekaman di rumah pada hari berikutnya.",
                  "Jalur khusus lanjut usia dibuka setiap Selasa."),
            Story("Tanda tangan elektronik pemohon terpotong pada hasil cetak.",
                  "Ukuran bidang tanda tangan berubah setelah pemutakhiran perangkat lunak.",
                  "Mengatur ulang bidang tanda tangan dan merekam ulang.",
                  "Hasil rekam diperlihatkan kepada pemohon sebelum disimpan."),
            Story("Alamat pada data rekam warga {desa} masih alamat sebelum pindah.",
                  "Surat pindah datang belum dimasukkan oleh desa asal ke dalam sistem.",
                  "Memutakhirkan alamat dan merekam ulang.",
                  "Status pindah diperiksa sebelum pemohon direkam."),
            Story("Iris mata pemohon tidak terekam karena antrean dipercepat.",
                  "Target harian disampaikan sebagai batas waktu per pemohon.",
                  "Merekam ulang iris mata pemohon.",
                  "Mutu rekaman ditampilkan sebagai syarat, bukan jumlah pemohon."),
            Story("Pemohon pemula dari {desa} ditolak padahal sudah berusia tujuh belas tahun.",
                  "Usia dihitung dari tahun lahir saja oleh petugas antrean.",
                  "Merekam pemohon pada hari yang sama.",
                  "Petugas antrean memakai kalkulator usia."),
            Story("Data rekam tidak terkirim selama dua hari.",
                  "Kuota jaringan data habis dan pemberitahuannya masuk ke surel pejabat lama.",
                  "Mengirim ulang data dan memastikan tanda terima.",
                  "Pemberitahuan kuota dialihkan ke surel kantor."),
        ),
    ),
    Service(
        "Pengantar Kartu Keluarga", "Standar Pelayanan KK: formulir F-1.01 lengkap dan terverifikasi",
        "lembar", "Formulir ditahan dan pemohon diminta melengkapi data.",
        (
            Story("Anggota keluarga baru di Desa {desa} tidak ikut tercantum dalam pengantar.",
                  "Akta kelahiran diserahkan sesudah formulir ditutup oleh petugas.",
                  "Menambahkan anggota keluarga dan menerbitkan pengantar baru.",
                  "Formulir ditutup setelah pemohon menyatakan lengkap."),
            Story("Pendidikan terakhir kepala keluarga tertulis belum sekolah.",
                  "Nilai bawaan pada aplikasi tidak diubah saat pengisian.",
                  "Memperbaiki isian dan mencetak ulang pengantar.",
                  "Nilai bawaan pendidikan dihapus dari aplikasi."),
            Story("Pengantar KK memuat alamat sebelum pemekaran RW di {desa}.",
                  "Peta RW hasil pemekaran belum dimasukkan ke dalam rujukan loket.",
                  "Menyesuaikan alamat menurut peta RW terbaru.",
                  "Perubahan wilayah disampaikan desa dengan surat resmi."),
            Story("Hubungan keluarga famili lain ditulis untuk anak kandung.",
                  "Kode hubungan dipilih dari baris yang berdekatan pada layar.",
                  "Mengganti kode hubungan dan memverifikasi ulang.",
                  "Kode hubungan diperbesar dan diberi jarak pada layar."),
            Story("Nama ayah kandung pada pengantar warga {desa} kosong.",
                  "Kolom orang tua terlewati ketika formulir dua halaman dipindai satu sisi.",
                  "Melengkapi nama orang tua dan menerbitkan pengantar baru.",
                  "Pemindai disetel dua sisi sebagai bawaan."),
            Story("Pengantar KK dikeluarkan untuk keluarga yang masih bersengketa alamat.",
                  "Keberatan dari ketua RT diterima lewat telepon dan tidak dicatat.",
                  "Menangguhkan pengantar sampai musyawarah selesai.",
                  "Keberatan warga dicatat dalam buku pengaduan."),
            Story("Golongan darah seluruh anggota keluarga di {desa} tertulis sama.",
                  "Petugas menyalin isian kepala keluarga ke semua anggota untuk mempercepat.",
                  "Mengosongkan golongan darah yang tidak berbukti.",
                  "Isian yang tidak berbukti wajib dikosongkan."),
            Story("Tanggal perkawinan pada pengantar mendahului tanggal lahir.",
                  "Aplikasi tidak memeriksa kewajaran urutan tanggal.",
                  "Memperbaiki tanggal menurut buku nikah.",
                  "Urutan tanggal diperiksa dengan daftar periksa."),
        ),
    ),
    Service(
        "Surat Pindah", "Standar Pelayanan pindah: alamat tujuan lengkap sampai kode pos",
        "lembar", "Surat diganti dengan tanda terima dan daerah tujuan dihubungi.",
        (
            Story("Kabupaten tujuan pindah warga {desa} salah ketik sehingga ditolak daerah tujuan.",
                  "Nama kabupaten dan kota yang serupa dipilih dari daftar tanpa kode wilayah.",
                  "Menerbitkan pengantar pindah dengan kode wilayah yang benar.",
                  "Kode wilayah wajib dicocokkan sebelum dicetak."),
            Story("Jumlah pengikut pindah kurang satu orang.",
                  "Bayi yang baru lahir belum memiliki NIK saat berkas diterima.",
                  "Menambahkan pengikut setelah NIK terbit.",
                  "Keluarga dengan bayi baru lahir diarahkan mengurus NIK dahulu."),
            Story("Surat pindah tidak dilampiri pencabutan KK lama.",
                  "Arsip KK lama dipinjam seksi lain dan tidak tercatat peminjamannya.",
                  "Melampirkan pencabutan dan mengirim ulang berkas.",
                  "Peminjaman arsip memakai buku pinjam."),
            Story("Alasan pindah tertulis pekerjaan, pemohon dari {desa} menyatakan pendidikan.",
                  "Formulir diisi oleh pengantar pemohon, bukan oleh pemohon sendiri.",
                  "Mengganti surat sesuai pernyataan pemohon.",
                  "Formulir dibacakan kembali kepada yang bersangkutan."),
        ),
    ),
    Service(
        "Rekomendasi Izin Keramaian", "Standar Pelayanan rekomendasi: waktu, tempat, dan penanggung jawab jelas",
        "lembar", "Rekomendasi ditangguhkan dan panitia diundang ke kantor.",
        (
            Story("Waktu pentas seni di Desa {desa} melampaui batas jam malam.",
                  "Ketentuan jam malam yang baru belum diedarkan kepada petugas rekomendasi.",
                  "Mengganti rekomendasi dengan waktu yang disepakati panitia.",
                  "Ketentuan baru diedarkan pada hari diterima."),
            Story("Rekomendasi terbit sebelum ada persetujuan tetangga lokasi.",
                  "Panitia menyerahkan daftar hadir rapat yang disangka lembar persetujuan.",
                  "Meminta lembar persetujuan dan memperbarui rekomendasi.",
                  "Contoh lembar persetujuan disediakan di loket."),
            Story("Penanggung jawab kegiatan di {desa} ditulis nama lembaga tanpa nama orang.",
                  "Formulir tidak menyediakan kolom nama penanggung jawab.",
                  "Menambahkan nama penanggung jawab pada rekomendasi.",
                  "Kolom penanggung jawab ditambahkan pada formulir."),
            Story("Tembusan rekomendasi tidak dikirim ke Polsek dan Koramil.",
                  "Daftar tembusan terhapus ketika contoh surat disunting.",
                  "Mengirim tembusan hari itu juga dengan tanda terima.",
                  "Contoh surat dikunci kecuali bagian isian."),
        ),
    ),
    Service(
        "Rekomendasi Proposal", "Standar Pelayanan proposal: lampiran anggaran dan profil lengkap",
        "lembar", "Proposal dikembalikan dengan catatan tertulis.",
        (
            Story("Jumlah anggaran pada rekomendasi berbeda dengan proposal kelompok tani {desa}.",
                  "Proposal direvisi setelah konsep rekomendasi selesai disusun.",
                  "Menyusun ulang rekomendasi menurut proposal terakhir.",
                  "Proposal diberi nomor versi saat diterima."),
            Story("Rekomendasi diberikan kepada kelompok yang kepengurusannya sudah berakhir.",
                  "Surat keputusan kepengurusan tidak diminta sebagai lampiran.",
                  "Menangguhkan rekomendasi sampai kepengurusan diperbarui.",
                  "Surat keputusan kepengurusan menjadi lampiran wajib."),
            Story("Proposal karang taruna Desa {desa} tertahan enam hari di meja disposisi.",
                  "Lembar disposisi terselip di antara undangan rapat.",
                  "Menyelesaikan rekomendasi pada hari ditemukan.",
                  "Disposisi dicatat dan ditagih setiap sore."),
            Story("Kop rekomendasi tercetak miring dan terpotong.",
                  "Setelan kertas pencetak berubah menjadi ukuran folio.",
                  "Mencetak ulang dengan setelan A4.",
                  "Setelan pencetak dikunci oleh pengelola barang."),
        ),
    ),
    Service(
        "Rekomendasi Izin Usaha Mikro", "Standar Pelayanan IUM: data NIB dan lokasi usaha sesuai",
        "lembar", "Naskah ditahan dan pelaku usaha diberi tahu.",
        (
            Story("NIB pada rekomendasi pelaku usaha {desa} kurang satu angka.",
                  "NIB diketik ulang dari tangkapan layar yang buram.",
                  "Memperbaiki NIB dan mencetak ulang rekomendasi.",
                  "NIB disalin langsung dari sistem perizinan."),
            Story("Luas tempat usaha ditulis dalam meter, seharusnya meter persegi.",
                  "Satuan tidak tercantum pada kolom formulir pendataan.",
                  "Mengoreksi satuan dan meminta paraf pemohon.",
                  "Satuan dicetak tetap pada formulir."),
            Story("Rekomendasi usaha di {desa} terbit tanpa peninjauan lokasi.",
                  "Jadwal peninjauan bertabrakan dengan musyawarah pembangunan desa.",
                  "Meninjau lokasi dan menerbitkan rekomendasi baru.",
                  "Jadwal peninjauan ditetapkan setiap Kamis."),
            Story("Nama usaha memuat kata terlarang menurut pedoman merek.",
                  "Pedoman penamaan usaha belum dipunyai Seksi Ekonomi.",
                  "Meminta perubahan nama usaha dan mengganti surat.",
                  "Pedoman penamaan usaha dibagikan kepada petugas."),
        ),
    ),
    Service(
        "Pengaduan Masyarakat", "Standar Pelayanan pengaduan: dijawab paling lama tiga hari kerja",
        "lembar", "Pelapor dihubungi dan dimintakan maaf atas keterlambatan.",
        (
            Story("Pengaduan warga {desa} tentang jalan rusak belum dijawab sampai hari keempat.",
                  "Kotak pengaduan daring tidak dibuka selama petugas pengelola mengikuti pelatihan.",
                  "Menjawab pengaduan dan meneruskannya ke dinas terkait.",
                  "Pengelola pengganti ditunjuk secara tertulis."),
            Story("Jawaban pengaduan dikirim ke alamat surel yang keliru.",
                  "Alamat surel pelapor diketik ulang dari kertas.",
                  "Mengirim ulang jawaban ke alamat yang benar.",
                  "Alamat surel disalin dari aplikasi pengaduan."),
            Story("Identitas pelapor dari {desa} terbaca oleh pihak yang diadukan.",
                  "Lembar disposisi memuat nama pelapor secara lengkap.",
                  "Menarik lembar disposisi dan menyamarkan nama pelapor.",
                  "Disposisi pengaduan memakai nomor, bukan nama."),
            Story("Pengaduan pungutan di loket tidak diteruskan kepada Sekcam.",
                  "Petugas penerima menilai pengaduan itu sudah selesai secara lisan.",
                  "Meneruskan pengaduan dan memanggil pihak terkait.",
                  "Semua pengaduan dicatat tanpa penilaian oleh penerima."),
        ),
    ),
)  # fmt: skip

VILLAGES = (
    "Duren", "Jetis", "Bandungan", "Kenteng", "Candi", "Banyukuning", "Jimbaran", "Pakopen", "Sidomukti", "Mlilir",
)  # fmt: skip

LONG_SEEN = (
    "Pada saat penyerahan berkas di loket 2, pemohon atas nama kelompok usaha \"Sari Rasa\" A & B <C> menyampaikan "
    "keberatan karena rekomendasi yang diterimanya memuat tiga kekeliruan sekaligus.\n\n"
    "Pertama, nama kelompok tertulis 'Sari Raos', padahal akta pendirian, papan nama, dan NIB menyebut \"Sari Rasa\". "
    "Kedua, modal usaha ditulis < Rp5.000.000, sedangkan pada formulir > Rp50.000.000; selisih satu angka nol itu "
    "membuat bank pemberi kredit menolak pengajuan dan meminta surat keterangan baru. Ketiga, bidang usaha yang "
    "seharusnya \"pengolahan susu & keju\" tercetak \"pengolahan susu amp; keju\", karena tanda & dari formulir daring "
    "tidak terbaca benar oleh pencetak surat.\n\n"
    "Kronologi menurut catatan loket:\n"
    "1. Formulir diterima pada hari Senin pukul 09.10 dan dinyatakan lengkap.\n"
    "2. Konsep surat disusun pada hari yang sama pukul 13.25; pada saat itu aplikasi sedang dimutakhirkan.\n"
    "3. Konsep diparaf tanpa dibandingkan dengan formulir karena antrean mencapai 47 orang (rata-rata harian: 20).\n"
    "4. Surat ditandatangani dan diserahkan hari Selasa pukul 08.40.\n"
    "5. Pemohon kembali pukul 10.05 membawa surat penolakan dari bank.\n\n"
    "Akibat yang ditimbulkan: pengajuan kredit tertunda, pemohon harus dua kali menempuh perjalanan ± 14 km, dan "
    "kepercayaan kelompok usaha lain berkurang. Petugas telah meminta maaf secara lisan serta mencatat nomor telepon "
    "pemohon. Pemohon meminta agar surat pengganti dikirim langsung ke bank dengan tembusan kepada kelompok, dan agar "
    "pemeriksaan silang antara formulir dan konsep surat dilakukan oleh orang yang berbeda.\n\n"
    "Lampiran: (a) salinan formulir; (b) surat yang keliru, 2 lembar; (c) surat penolakan bank; (d) tangkapan layar "
    "aplikasi yang menampilkan \"&amp;\" sebagai pengganti \"&\"; (e) catatan antrean hari itu. Seluruh lampiran "
    "disimpan di map merah pada rak pemisahan loket 2 sampai tindakan perbaikan disetujui, kemudian diserahkan kepada "
    "pengelola arsip untuk disimpan atau dimusnahkan menurut jadwal retensi yang berlaku di kecamatan. Catatan ini "
    "dibacakan kembali kepada pemohon dan disetujui."
)  # fmt: skip
"""A description as long as staff write them, with what breaks careless templates: quotes, &, <, line breaks."""

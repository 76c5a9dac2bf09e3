"""Why a connection failed, in Indonesian: what Python and the system say is English."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping

from sopkit.errors import trouble
from sopkit.mail.replies import EndlessReplyError

CERTIFICATE: Mapping[int, str] = {
    9: "belum berlaku",
    10: "sudah kedaluwarsa",
    18: "dibuat sendiri oleh servernya",
    19: "berasal dari penerbit yang tidak dikenal",
    20: "berasal dari penerbit yang tidak dikenal",
    21: "tidak menyertakan sertifikat penerbitnya",
    23: "sudah dicabut",
    62: "bukan untuk nama server itu",
    64: "bukan untuk alamat server itu",
}
"""Verify codes of OpenSSL (x509_vfy.h)."""


def system_cause(error: BaseException) -> str:
    """For what goes wrong with a connection."""
    if isinstance(error, socket.gaierror):
        return "nama server tidak ditemukan"
    if isinstance(error, EndlessReplyError):
        return "server menjawab tanpa akhir"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        if isinstance(error.__context__, OSError):
            return system_cause(error.__context__)
        return "sambungan diputus oleh server"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "server tidak menyediakan yang diperlukan"
    return trouble(error).cause if isinstance(error, OSError) else f"galat {type(error).__name__}"


def certificate_cause(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a server's certificate, said of the certificate."""
    return CERTIFICATE.get(error.verify_code, f"tidak lolos pemeriksaan, kode {error.verify_code}")


def tls_cause(error: ssl.SSLError) -> str:
    """Why there is no encrypted connection."""
    if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "server tidak memakai sambungan aman di porta itu"
    return f"galat {error.reason or type(error).__name__}"

"""Rendering many documents, here or in several processes: nothing of it touches the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sopkit.documents.codes import full_code, qr_png, short_code
from sopkit.documents.package import TemplateFile, TemplateRefused

if TYPE_CHECKING:
    from sopkit.documents.template import Days, Picture

QR_MILLIMETRES = 17.0
LOGO_MILLIMETRES = (17.0, 18.5)  # the largest width and height


@dataclass(frozen=True)
class RenderRequest:
    """All that a worker needs to render one document; `template_sha256` is over the template and its crest, `days` are
    those of its properties.

    Without a template (it could not be read) nothing can be rendered: it only takes part in deciding.
    """

    template: TemplateFile | None
    template_sha256: str
    kind: str
    number: str
    data_sha256: str
    context: Mapping[str, Any]
    logo: bytes | None
    days: Days = (None, None)


@dataclass(frozen=True)
class Failure:
    """Why a document could not be rendered: T01 (`detail` is the field), T02, T03 or T05 (the reason)."""

    code: str
    detail: str
    remedy: str = ""


Results = Callable[[], list[bytes | Failure]]
Render = Callable[[Sequence[RenderRequest]], Results]


@contextmanager
def renderer(jobs: int) -> Iterator[Render]:
    """How a batch of requests is rendered: here when its results are asked for, or meanwhile in `jobs` processes.

    When a worker dies its requests and all later ones are rendered here, so nothing is lost.
    """
    if jobs <= 1:
        yield lambda requests: lambda: render_all(requests)
        return
    from concurrent.futures.process import BrokenProcessPool

    from sopkit.spread import processes, submit

    with processes(jobs) as pool:

        def render(requests: Sequence[RenderRequest]) -> Results:
            size = max(1, -(-len(requests) // (jobs * 2)))
            pieces = [requests[place : place + size] for place in range(0, len(requests), size)]
            try:
                futures = [submit(pool, render_all, piece) for piece in pieces]
            except BrokenProcessPool:
                return lambda: render_all(requests)

            def results() -> list[bytes | Failure]:
                done: list[bytes | Failure] = []
                try:
                    for future in futures:
                        done += future.result()
                except BrokenProcessPool:
                    done += render_all(requests[len(done) :])
                return done

            return results

        yield render


def render_all(requests: Sequence[RenderRequest]) -> list[bytes | Failure]:
    """The documents' bytes in order; a template that fails gives why instead."""
    return [_rendered(request) for request in requests]


def _rendered(request: RenderRequest) -> bytes | Failure:
    from sopkit.documents.template import TemplateBroken, TemplateFieldMissing, TooLong  # docxtpl: 0.1 s

    try:
        return _filled(request)
    except TemplateRefused as error:
        return Failure("T03", error.reason, error.remedy)
    except TooLong as error:
        return Failure("T05", error.reason)
    except TemplateBroken as error:
        return Failure("T02", error.reason)
    except TemplateFieldMissing as error:
        return Failure("T01", error.field)
    except (RecursionError, MemoryError):
        return Failure("T05", "isiannya memerlukan memori terlalu besar")


def _filled(request: RenderRequest) -> bytes:
    from sopkit.documents.template import Picture, compiled

    assert request.template is not None
    printed = short_code(request.data_sha256)
    payload = full_code(request.kind, request.number, request.data_sha256)
    pictures = {
        "qr": Picture(qr_png(payload), QR_MILLIMETRES, description=f"Kode verifikasi arsip {printed}"),
        "lambang": _logo_picture(request.logo) if request.logo else "",
    }
    fields = {**request.context, **pictures, "kode_verifikasi": printed}
    return compiled(request.template).render(fields, days=request.days)


def _logo_picture(data: bytes) -> Picture:
    """The logo as large as the letterhead has room for, in its own proportions."""
    from sopkit.documents.template import Picture

    widest, highest = LOGO_MILLIMETRES
    across, down = (int.from_bytes(data[place : place + 4], "big") or 1 for place in (16, 20))
    return Picture(data, min(widest, highest * across / down), description="Lambang daerah")

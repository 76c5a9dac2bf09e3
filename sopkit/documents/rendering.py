"""Rendering many documents, here or in several processes: nothing of it touches the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sopkit.documents.codes import full_code, qr_png, short_code
from sopkit.documents.template import (
    Picture,
    TemplateBroken,
    TemplateFieldMissing,
    TemplateRefused,
    WordTemplate,
)

QR_MILLIMETRES = 17.0
CREST_MILLIMETRES = (17.0, 18.5)  # the largest width and height


@dataclass(frozen=True)
class Order:
    """All that a worker needs to render one document."""

    template: str
    template_sha256: str
    kind: str
    number: str
    data_sha256: str
    context: Mapping[str, Any]
    crest: bytes | None


@dataclass(frozen=True)
class Failure:
    """Why a template could not be rendered: T01 (`detail` is the field), T02 or T03 (the reason)."""

    code: str
    detail: str


Results = Callable[[], list[bytes | Failure]]
Render = Callable[[Sequence[Order]], Results]


@contextmanager
def renderer(jobs: int) -> Iterator[Render]:
    """How a batch of orders is rendered: here when its results are asked for, or meanwhile in `jobs` processes.

    When a worker dies its orders and all later ones are rendered here, so nothing is lost.
    """
    if jobs <= 1:
        yield lambda orders: lambda: render_orders(orders)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:

        def render(orders: Sequence[Order]) -> Results:
            size = max(1, -(-len(orders) // (jobs * 2)))
            pieces = [orders[place : place + size] for place in range(0, len(orders), size)]
            try:
                futures = [pool.submit(render_orders, piece) for piece in pieces]
            except BrokenProcessPool:
                return lambda: render_orders(orders)

            def results() -> list[bytes | Failure]:
                done: list[bytes | Failure] = []
                try:
                    for future in futures:
                        done += future.result()
                except BrokenProcessPool:
                    done += render_orders(orders[len(done) :])
                return done

            return results

        yield render


def render_orders(orders: Sequence[Order]) -> list[bytes | Failure]:
    """The documents' bytes in order; a template that fails gives why instead."""
    return [_rendered(order) for order in orders]


def _rendered(order: Order) -> bytes | Failure:
    printed = short_code(order.data_sha256)
    payload = full_code(order.kind, order.number, order.data_sha256)
    pictures = {
        "qr": Picture(qr_png(payload), QR_MILLIMETRES, description=f"Kode verifikasi arsip {printed}"),
        "lambang": _crest_picture(order.crest) if order.crest else "",
    }
    try:
        template = _template(order.template, order.template_sha256)
        return template.render({**order.context, **pictures, "kode_verifikasi": printed})
    except TemplateRefused as error:
        return Failure("T03", error.reason)
    except TemplateBroken as error:
        return Failure("T02", error.reason)
    except TemplateFieldMissing as error:
        return Failure("T01", error.field)


def _crest_picture(data: bytes) -> Picture:
    """The crest as large as the letterhead has room for, in its own proportions."""
    widest, highest = CREST_MILLIMETRES
    across, down = (int.from_bytes(data[place : place + 4], "big") or 1 for place in (16, 20))
    return Picture(data, min(widest, highest * across / down), description="Lambang daerah")


@lru_cache(maxsize=16)
def _template(path: str, sha256: str) -> WordTemplate:
    """Compiled once in each process for each state of the file."""
    return WordTemplate(path)

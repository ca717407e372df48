"""Sets documents as PDF and draws small pictures. The only module that imports typst.

A long table takes some hundred megabytes to set, so each document is set in a process of its own, which gives them
back. What people wrote reaches a document as data only, never as source.
"""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


async def typeset(source: str, data: object) -> bytes:
    """Return the PDF that a Typst source makes of data, which it reads with `json(bytes(sys.inputs.data))`."""
    workers = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(workers, _compile, source, json.dumps(data))
    finally:
        workers.shutdown(wait=False)


async def typeset_each(source: str, data: Sequence[object]) -> list[bytes]:
    """Return the PDFs that a Typst source makes of each of some data, one after the other in one process."""
    workers = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        loop = asyncio.get_running_loop()
        return [
            await loop.run_in_executor(workers, _compile, source, json.dumps(each)) for each in data
        ]
    finally:
        workers.shutdown(wait=False)


def _compile(source: str, data: str) -> bytes:
    import typst  # noqa: PLC0415 -- 80 MB that only the process that sets needs

    return typst.compile(source.encode(), sys_inputs={"data": data}, ignore_system_fonts=True)


def draw(source: str, data: object) -> bytes:
    """Return the PNG, a point a pixel, that a Typst source makes of data: one small page, so it is set right here."""
    import typst  # noqa: PLC0415 -- see _compile

    text = json.dumps(data)
    picture = typst.compile(
        source.encode(), format="png", ppi=72, sys_inputs={"data": text}, ignore_system_fonts=True
    )
    return bytes(picture)

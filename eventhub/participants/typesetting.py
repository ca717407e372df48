"""Sets documents as PDF. The only module that imports typst.

Blocks while it sets: call it in a thread, on plain values. What people wrote reaches a document as data only,
never as source. See https://typst.app/docs/reference/foundations/sys/.
"""

import json

import typst


def typeset(source: str, data: object) -> bytes:
    """Return the PDF that a Typst source makes of data, which it reads with `json(bytes(sys.inputs.data))`."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    return typst.compile(source.encode(), sys_inputs=inputs, ignore_system_fonts=True)

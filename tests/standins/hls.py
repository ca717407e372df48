"""A stand-in of a server of HLS streams (RFC 8216): three seconds of a small picture, recorded here, VP9 in MP4."""

from base64 import b64decode

from aiohttp import web

PLAYLIST = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:3
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="begin.mp4"
#EXTINF:3.0,
piece.m4s
#EXT-X-ENDLIST
"""
BEGIN = b64decode(
    "AAAAJGZ0eXBpc29tAAACAGlzb21pc282aXNvMnZwMDltcDQxAAACt21vb3YAAAB4bXZoZAEAAAAAAAAA5ytZSgAAAADn"
    "K1lKAAAD6AAAAAAAAApMAAEAAAEAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIAAAIPdHJhawAAAGh0a2hkAQAAAwAAAADnK1lKAAAAAOcrWUoAAAABAAAA"
    "AAAAAAAAAApMAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAABAAAAAJAAA"
    "AAABn21kaWEAAAAsbWRoZAEAAAAAAAAA5ytZSgAAAADnK1lKAAB1MAAAAAAAAApMVcQAAAAAAC1oZGxyAAAAAAAAAAB2"
    "aWRlAAAAAAAAAAAAAAAAVmlkZW9IYW5kbGVyAAAAAT5taW5mAAAAFHZtaGQAAAABAAAAAAAAAAAAAAAlZGluZgAAAB1k"
    "cmVmAAAAAAAAAAEAAAANdXJsIAAAAAEAAAAA/XN0YmwAAAAQc3RzYwAAAAAAAAAAAAAAEHN0dHMAAAAAAAAAAAAAABRz"
    "dHN6AAAAAAAAAAAAAAAAAAAAEHN0Y28AAAAAAAAAAAAAALFzdHNkAAAAAAAAAAEAAAChdnAwOQAAAAAAAAABAAAAAQAA"
    "AAAAAAAAAAAAAABAACQASAAAAEgAAAAAAAAAAQpWUEMgQ29kaW5nAAAAAAAAAAAAAAAAAAAAAAAAAAAAABj//wAAABBw"
    "YXNwAAAAAQAAAAEAAAAUYnRydAAAAAAAAAAAAAAAAAAAABR2cGNDAQAAAAAKgQENAQAAAAAAE2NvbHJuY2x4AAEADQAB"
    "gAAAAChtdmV4AAAAIHRyZXgAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAAA="
)
PIECE = b64decode(
    "AAAAuG1vb2YAAAAQbWZoZAAAAAAAAAABAAAAoHRyYWYAAAAUdGZoZAACACAAAAABAQEAAAAAABR0ZmR0AQAAAAAAAAAA"
    "AAAAAAAAcHRydW4BAAMFAAAACwAAAMACAAAAAAAXpAAAAEoAAByhAAAAIwAAFAAAAAARAAAs7gAAACQAABeeAAAAEgAA"
    "LrIAAAAVAAAXbgAAABQAABwQAAAAIQAAEyQAAAAVAAAu6gAAACIAAAPnAAAAGgAAAVdtZGF0gkmDQlAD8AI2GjgkHBj8"
    "AAAgQABrQ//CAnLh/WRVb+CRraS5aO80CwD3/CAnLh/WRVb+CRraS5aO80CwDRF5jL//+5CdQUtYSpiGAECS8qFcgAAM"
    "cAAAcw9b+GwAAH///i4f//8EQ2j7q4fqAIYAQJKcnFagAANwAAB7McVAhgBAkvHRUQAADHAAAHMPW/ybgAA///+EB///"
    "7laG0fdXD9QAhgBAkpxsU8AAA3AAAHpC2R3ghgBAkoxUUYAAA3AAAH8kUl6GZsaQhgBAkpxET6AAA3AAAH7mDGvVPeyG"
    "AECSnEBO4AADcAAAfml9u////8QgDqguvaldFYOwWACGAECSjDxOAAADcAAAfxeFhmZicUCGAECSnDhNQAADcAAAfml/"
    "Mv////pUdWV8CL0SHITYStmAhgBAkpw0TIAAA3AAAH7YvwY0n8Xh/ycMJAA="
)
FILES = {
    "live.m3u8": (PLAYLIST.encode(), "application/vnd.apple.mpegurl"),
    "begin.mp4": (BEGIN, "video/mp4"),
    "piece.m4s": (PIECE, "video/iso.segment"),
}


class Hls:
    """Serves the stream to pages of other sites, once it `sends`; `asked` names the files in the order asked for."""

    def __init__(self) -> None:
        self.sends = True
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        headers = {"Access-Control-Allow-Origin": "*"}
        if not self.sends or name not in FILES:
            return web.Response(status=404, headers=headers)
        body, content_type = FILES[name]
        return web.Response(body=body, content_type=content_type, headers=headers)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{name}", self.answer)
        return app

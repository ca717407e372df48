"""A film for Chromium's fake camera: somebody holds a ticket up to it."""

from io import BytesIO
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 720
FRAMES = 12


def film(path: Path, *texts: str, side: int = 330) -> Path:
    """Write Motion JPEG, 1280x720, of slightly turning and moving QR codes `side` pixels wide, one after the other."""
    with path.open("wb") as out:
        for text in texts:
            card = _card(text, side)
            for number in range(FRAMES):
                out.write(_frame(card, number))
    return path


def empty(path: Path) -> Path:
    """Write a film of a camera that sees no ticket."""
    path.write_bytes(_jpeg(_background()) * FRAMES)
    return path


def _card(text: str, side: int) -> Image.Image:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, box_size=8)
    code.add_data(text, optimize=0)
    drawn = (
        code.make_image().get_image().convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    )
    card = Image.new("RGB", (side + 60, side + 160), "#f7f7f2")
    card.paste(drawn, (30, 30))
    ImageDraw.Draw(card).rectangle((40, side + 60, side + 20, side + 90), fill="#333333")
    return card


def _frame(card: Image.Image, number: int) -> bytes:
    scene = _background()
    turned = card.convert("RGBA").rotate(
        5 + number % 4, expand=True, resample=Image.Resampling.BICUBIC
    )
    left = (WIDTH - turned.width) // 2 + 3 * number - 15
    scene.paste(turned, (left, (HEIGHT - turned.height) // 2), turned)
    return _jpeg(scene.filter(ImageFilter.GaussianBlur(0.8)))


def _background() -> Image.Image:
    scene = Image.new("RGB", (WIDTH, HEIGHT), "#7d8790")
    draw = ImageDraw.Draw(scene)
    for step in range(0, WIDTH, 80):
        draw.line((step, 0, WIDTH - step, HEIGHT), fill="#5c666f", width=9)
    return scene


def _jpeg(scene: Image.Image) -> bytes:
    out = BytesIO()
    scene.save(out, "JPEG", quality=88)
    return out.getvalue()

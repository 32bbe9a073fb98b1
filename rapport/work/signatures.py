"""What a file is by its first bytes, and how many pixels an image claims to have. Nothing is unpacked or decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

UNKNOWN = "application/octet-stream"
PNG, JPEG, GIF, WEBP = "image/png", "image/jpeg", "image/gif", "image/webp"
IMAGES = (PNG, JPEG, GIF, WEBP)
MOST_PIXELS = 50_000_000
_HEAD = 64
_MOST_SEGMENTS = 2_000

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
)


class TooManyPixels(ValueError):
    """An image is so large that whoever opens it would run out of memory."""


class BrokenImage(ValueError):
    """A file begins like an image and does not go on like one."""


def media_type_of(file: BinaryIO) -> str:
    """The type that the bytes show; `application/octet-stream` for all that is not known, text and HTML included."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return next((media_type for beginning, media_type in _BEGINNINGS if head.startswith(beginning)), UNKNOWN)


def check_pixels(file: BinaryIO, media_type: str) -> None:
    """Refuse an image of more than MOST_PIXELS, by the size its header states."""
    size = _SIZES.get(media_type)
    if size is None:
        return
    file.seek(0)
    width, height = size(file)
    file.seek(0)
    if not width or not height:
        raise BrokenImage
    if width * height > MOST_PIXELS:
        raise TooManyPixels


def _png_size(file: BinaryIO) -> tuple[int, int]:
    head = file.read(24)
    if len(head) < 24 or head[12:16] != b"IHDR":
        raise BrokenImage
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _gif_size(file: BinaryIO) -> tuple[int, int]:
    head = file.read(10)
    if len(head) < 10:
        raise BrokenImage
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _webp_size(file: BinaryIO) -> tuple[int, int]:
    head = file.read(30)
    if len(head) < 30:
        raise BrokenImage
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    raise BrokenImage


def _jpeg_size(file: BinaryIO) -> tuple[int, int]:
    """The size stands in the frame header, after any number of other segments."""
    file.seek(2)
    for _segment in range(_MOST_SEGMENTS):
        marker = file.read(2)
        while marker == b"\xff\xff":
            marker = b"\xff" + file.read(1)
        length = int.from_bytes(file.read(2), "big")
        if len(marker) < 2 or marker[0] != 0xFF or length < 2:
            raise BrokenImage
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
        file.seek(length - 2, 1)
    raise BrokenImage


_SIZES: dict[str, Callable[[BinaryIO], tuple[int, int]]] = {
    PNG: _png_size,
    JPEG: _jpeg_size,
    GIF: _gif_size,
    WEBP: _webp_size,
}

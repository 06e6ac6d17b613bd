"""The icons of the app, drawn by calculation: a speech bubble with three dots."""

import io

import numpy as np
import png
from numpy.typing import NDArray

_FINER = 4  # samples of a pixel in each direction, for smooth edges
_GREEN = (11, 110, 79)
ACCENT = "#0B6E4F"

_Mask = NDArray[np.float64]


def color_icon() -> bytes:
    """192 by 192 pixels, a white bubble on the accent colour."""
    bubble, dots = _bubble(192, 0.62)
    white = bubble * (1 - dots)
    pixels = np.empty((192, 192, 4))
    for band, value in enumerate(_GREEN):
        pixels[:, :, band] = value + (255 - value) * white
    pixels[:, :, 3] = 255
    return _png(pixels)


def outline_icon() -> bytes:
    """32 by 32 pixels, white on nothing, as Teams asks."""
    bubble, dots = _bubble(32, 0.94)
    inner, _dots = _bubble(32, 0.74)
    pixels = np.full((32, 32, 4), 255.0)
    pixels[:, :, 3] = 255 * np.clip(bubble - inner + dots, 0, 1)
    return _png(pixels)


def _bubble(size: int, share: float) -> tuple[_Mask, _Mask]:
    """How much of each pixel the bubble covers, and its dots; `share` of the width, both from 0 to 1."""
    fine = (np.arange(size * _FINER) + 0.5) / (size * _FINER) - 0.5
    x, y = np.meshgrid(fine / share, (fine + 0.04) / share)
    corner = np.hypot(np.maximum(np.abs(x) - 0.34, 0), np.maximum(np.abs(y) - 0.24, 0))
    tail = (y > 0.3) & (y < 0.56) & (x > -0.28) & (x < -0.28 + (0.56 - y))
    dots = np.zeros_like(corner, dtype=bool)
    for middle in (-0.2, 0.0, 0.2):
        dots |= np.hypot(x - middle, y) < 0.065
    return _averaged((corner < 0.14) | tail, size), _averaged(dots, size)


def _averaged(fine: NDArray[np.bool_], size: int) -> _Mask:
    found: _Mask = fine.reshape(size, _FINER, size, _FINER).mean(axis=(1, 3))
    return found


def _png(pixels: NDArray[np.float64]) -> bytes:
    height, width, _bands = pixels.shape
    written = io.BytesIO()
    rows = np.clip(np.rint(pixels), 0, 255).astype(np.uint8).reshape(height, width * 4)
    png.Writer(width, height, greyscale=False, alpha=True).write(written, rows)
    return written.getvalue()

# SPDX-License-Identifier: MIT
"""Draws digits with a trained network and writes them as a grey-scale PNG, to look at."""

import struct
import zlib

import numpy as np
import torch

import path


@torch.no_grad()
def sample(network, prediction, labels, steps, guidance, seed):
    """DDIM (eta = 0) from t = 1 to t = 0 on a uniform time grid; returns images [n, 8, 8]."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.as_tensor(labels)
    x = torch.randn(len(labels), 1, 8, 8, generator=generator)
    nothing = torch.full_like(labels, 10)
    times = torch.linspace(1, 0, steps + 1)
    for s, t in zip(times[:-1], times[1:]):
        at = s.expand(len(labels))
        with_class = network(x, at, labels)
        without = network(x, at, nothing)
        output = without + guidance * (with_class - without)
        alpha_s, sigma_s = path.levels(prediction, s)
        alpha_t, sigma_t = path.levels(prediction, t)
        if prediction == "flow":
            x = x + (t - s) * output
        else:
            x = alpha_t / alpha_s * x + (sigma_t - alpha_t / alpha_s * sigma_s) * output
    return x[:, 0].numpy()


def write_png(file_name, grey):
    """Writes a uint8 array [height, width] as an 8-bit grey-scale PNG."""
    def chunk(kind, body):
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    height, width = grey.shape
    lines = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(grey))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    with open(file_name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        file.write(chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


def sheet(images, columns, zoom=6, margin=6):
    """Lays images [n, 8, 8] with values in [-1, 1] out in rows of `columns`, dark ink on white."""
    rows = -(-len(images) // columns)
    side = 8 * zoom + margin
    grey = np.full((rows * side + margin, columns * side + margin), 255, np.uint8)
    for index, image in enumerate(images):
        top, left = (margin + side * k for k in divmod(index, columns))
        ink = np.clip((1 - image) * 127.5, 0, 255).astype(np.uint8)
        grey[top:top + 8 * zoom, left:left + 8 * zoom] = ink.repeat(zoom, 0).repeat(zoom, 1)
    return grey

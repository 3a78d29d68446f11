# SPDX-License-Identifier: MIT
"""Writes the safetensors format: 8-byte little-endian header length, JSON header, raw data."""

import json
import struct

import numpy as np

_TYPES = {"float32": "F32", "uint8": "U8", "int64": "I64"}


def save(path, tensors, metadata):
    """Writes `tensors` (name -> numpy array, any order) and `metadata` (str -> str) to `path`.

    Tensors are stored in the order given, row-major, back to back. The header is padded with
    spaces to a multiple of eight bytes, so that the data is aligned.
    """
    header = {"__metadata__": dict(metadata)}
    chunks, offset = [], 0
    for name, array in tensors.items():
        array = np.ascontiguousarray(array)
        if array.dtype.name not in _TYPES:
            raise ValueError(f"{name}: element type {array.dtype} is not one of {sorted(_TYPES)}")
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        chunk = little.tobytes()
        header[name] = {
            "dtype": _TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(chunk)],
        }
        offset += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for chunk in chunks:
            file.write(chunk)

# SPDX-License-Identifier: MIT
"""The handwritten digits that ship inside scikit-learn, split into training and held-out sets."""

import numpy as np
from sklearn.datasets import load_digits

HELD_OUT = 500


def load(seed):
    """Returns (train images, train labels, held-out images, held-out labels).

    Images are uint8 arrays [n, 8, 8] with values 0..16, labels int64 arrays [n] with values 0..9.
    The split depends on `seed` alone.
    """
    digits = load_digits()
    images = digits.images.astype(np.uint8)
    labels = digits.target.astype(np.int64)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(images))
    train, held_out = order[:-HELD_OUT], order[-HELD_OUT:]
    return images[train], labels[train], images[held_out], labels[held_out]


def to_model_range(images):
    """Maps grey levels 0..16 to float32 values in [-1, 1]."""
    return images.astype(np.float32) / 8.0 - 1.0

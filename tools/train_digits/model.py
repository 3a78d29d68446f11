# SPDX-License-Identifier: MIT
"""The denoiser: a small class-conditional residual network with an 8x8 and a 4x4 level.

Tensor names in the weight files are the attribute paths of these modules. The C++ code in
examples/digits/network.hpp follows the same structure with the same names.
"""

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 10
NO_CLASS = 10  # the label that means "unconditional"
GROUPS = 8


class Block(nn.Module):
    """norm, silu, conv, norm scaled and shifted by the embedding, silu, conv, plus the skip."""

    def __init__(self, inputs, outputs, embedding):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.film = nn.Linear(embedding, 2 * outputs)
        self.norm2 = nn.GroupNorm(GROUPS, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, embedding):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.film(embedding)[:, :, None, None].chunk(2, dim=1)
        h = self.norm2(h) * (1 + scale) + shift
        h = self.conv2(F.silu(h))
        return h + (x if self.skip is None else self.skip(x))


class Embedding(nn.Module):
    """Sines and cosines of model time through two linear layers, plus a learnt class vector.

    The frequencies (radians per unit of model time) stop at 100: the output is then smooth
    enough in time for solvers of high order to show their order.
    """

    def __init__(self, width, frequencies=16, highest=100.0):
        super().__init__()
        ladder = highest ** (torch.arange(frequencies) / (frequencies - 1))
        self.register_buffer("frequencies", ladder.to(torch.float32))
        self.linear1 = nn.Linear(2 * frequencies, width)
        self.linear2 = nn.Linear(width, width)
        self.classes = nn.Embedding(CLASSES + 1, width)

    def forward(self, t, labels):
        phase = t[:, None] * self.frequencies
        waves = torch.cat([phase.sin(), phase.cos()], dim=1)
        time = self.linear2(F.silu(self.linear1(waves)))
        return F.silu(time + self.classes(labels))


class Network(nn.Module):
    """x [n, 1, 8, 8], t [n] in [0, 1], labels [n] in 0..10 -> prediction [n, 1, 8, 8]."""

    def __init__(self, narrow=32, wide=64, embedding=64):
        super().__init__()
        self.embedding = Embedding(embedding)
        self.stem = nn.Conv2d(1, narrow, 3, padding=1)
        self.down = Block(narrow, narrow, embedding)
        self.middle1 = Block(narrow, wide, embedding)
        self.middle2 = Block(wide, wide, embedding)
        self.join = nn.Conv2d(wide, narrow, 1)
        self.up = Block(narrow, narrow, embedding)
        self.norm = nn.GroupNorm(GROUPS, narrow)
        self.head = nn.Conv2d(narrow, 1, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x, t, labels):
        e = self.embedding(t, labels)
        fine = self.down(self.stem(x), e)
        coarse = self.middle2(self.middle1(F.avg_pool2d(fine, 2), e), e)
        fine = fine + F.interpolate(self.join(coarse), scale_factor=2, mode="nearest")
        fine = self.up(fine, e)
        return self.head(F.silu(self.norm(fine)))

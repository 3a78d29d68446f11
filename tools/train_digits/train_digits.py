#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains the digits denoiser in two parameterisations and writes weights and test data.

Writes into --out:
  eps.safetensors, flow.safetensors   weights (exponential moving average), float32
  held_out.safetensors                real digits that training never saw, with labels
  expected.safetensors                network inputs and the outputs that PyTorch gives for them
"""

import argparse
import copy
import pathlib
import sys
import time

import numpy as np
import torch

import data
import path
import preview
import safetensors
from model import CLASSES, GROUPS, NO_CLASS, Network


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the files")
    parser.add_argument("--steps", type=int, default=6000, help="optimiser steps per network (6000)")
    parser.add_argument("--batch", type=int, default=128, help="images per step (128)")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate (0.002)")
    parser.add_argument("--drop", type=float, default=0.15, help="share of labels dropped (0.15)")
    parser.add_argument("--seed", type=int, default=1, help="seed of split, weights and noise (1)")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (1)")
    parser.add_argument("--preview", type=pathlib.Path, help="also draw digits into this folder")
    options = parser.parse_args()
    for name in ("steps", "batch", "threads"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} is {getattr(options, name)}, needs at least 1")
    if not 0 <= options.drop < 1:
        parser.error(f"--drop is {options.drop}, needs 0 <= drop < 1")
    if not options.rate > 0:
        parser.error(f"--rate is {options.rate}, needs a positive number")
    return options


def progress(prediction, step, steps, loss, started):
    if not sys.stderr.isatty() or (step % 20 and step != steps):
        return
    filled = 30 * step // steps
    left = (time.monotonic() - started) / step * (steps - step)
    bar = "#" * filled + "." * (30 - filled)
    end = "\n" if step == steps else ""
    print(f"\r{prediction:5}[{bar}] {step}/{steps} loss {loss:.4f} {left:4.0f} s left ",
          end=end, file=sys.stderr, flush=True)


def loss_at(network, prediction, images, labels, t, noise):
    """Mean squared error of the prediction."""
    alpha, sigma = (level[:, None, None, None] for level in path.levels(prediction, t))
    output = network(alpha * images + sigma * noise, t, labels)
    return (output - path.target(prediction, images, noise)).square().mean()


def train(prediction, images, labels, options):
    """Returns the network with averaged weights, ready for inference."""
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed + 1)
    network = Network()
    average = copy.deepcopy(network).requires_grad_(False)
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=options.steps, pct_start=0.05
    )
    running, started = 1.0, time.monotonic()
    for step in range(1, options.steps + 1):
        pick = torch.randint(len(images), (options.batch,), generator=generator)
        # one time per stratum: the same distribution as uniform draws, less variance of the loss
        t = (torch.arange(options.batch) + torch.rand(options.batch, generator=generator))
        t = t / options.batch
        noise = torch.randn(options.batch, 1, 8, 8, generator=generator)
        dropped = torch.rand(options.batch, generator=generator) < options.drop
        picked_labels = labels[pick].masked_fill(dropped, NO_CLASS)
        loss = loss_at(network, prediction, images[pick], picked_labels, t, noise)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            keep = min(0.999, step / (step + 10))
            for slow, fast in zip(average.parameters(), network.parameters()):
                slow.lerp_(fast, 1 - keep)
        running += (loss.item() - running) * 0.01
        progress(prediction, step, options.steps, running, started)
    return average.eval()


@torch.no_grad()
def mean_loss(network, prediction, images, labels, repeats=8):
    """Loss with every label given, over a fixed set of times and noises."""
    generator = torch.Generator().manual_seed(0)
    total = 0.0
    for _ in range(repeats):
        t = (torch.randperm(len(images), generator=generator) + 0.5) / len(images)
        noise = torch.randn(images.shape, generator=generator)
        total += loss_at(network, prediction, images, labels, t, noise).item()
    return total / repeats


@torch.no_grad()
def expected(networks, images, seed):
    """Network inputs on both paths from pure noise to clean image, and the outputs for them."""
    generator = torch.Generator().manual_seed(seed + 2)
    t = torch.tensor([0.0, 1e-4, 0.003, 0.05, 0.2, 0.4, 0.5, 0.6, 0.75, 0.9, 0.999, 1.0])
    labels = torch.tensor([0, 1, 2, NO_CLASS, 3, 4, 5, 6, NO_CLASS, 7, 8, 9])
    noise = torch.randn(len(t), 1, 8, 8, generator=generator)
    tensors = {"t": t.numpy(), "labels": labels.numpy()}
    for prediction, network in networks.items():
        alpha, sigma = (level[:, None, None, None] for level in path.levels(prediction, t))
        x = alpha * images[: len(t)] + sigma * noise
        tensors[f"{prediction}.x"] = x.flatten(1).numpy()
        tensors[f"{prediction}.output"] = network(x, t, labels).flatten(1).numpy()
    return tensors


def draw(network, prediction, folder, options):
    """Ten rows of digits 0..9, guidance 2.5, 50 steps."""
    labels = np.tile(np.arange(CLASSES), 10)
    images = preview.sample(network, prediction, labels, 50, 2.5, options.seed)
    preview.write_png(folder / f"{prediction}.png", preview.sheet(images, CLASSES))


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    options.out.mkdir(parents=True, exist_ok=True)
    train_images, train_labels, real_images, real_labels = data.load(options.seed)
    images = torch.from_numpy(data.to_model_range(train_images))[:, None]
    labels = torch.from_numpy(train_labels)
    held_out = torch.from_numpy(data.to_model_range(real_images))[:, None]
    networks = {}
    for prediction in path.PREDICTIONS:
        started = time.monotonic()
        network = train(prediction, images, labels, options)
        seconds = time.monotonic() - started
        seen = mean_loss(network, prediction, images, labels)
        unseen = mean_loss(network, prediction, held_out, torch.from_numpy(real_labels))
        print(f"{prediction}: {seconds:.0f} s, loss {seen:.4f} on training images, "
              f"{unseen:.4f} on held-out images")
        weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
        safetensors.save(
            options.out / f"{prediction}.safetensors", weights,
            {"model": "diffode digits 1", "prediction": prediction, "groups": str(GROUPS)},
        )
        networks[prediction] = network
        if options.preview:
            options.preview.mkdir(parents=True, exist_ok=True)
            draw(network, prediction, options.preview, options)
    safetensors.save(
        options.out / "held_out.safetensors",
        {"images": real_images.reshape(-1, 64), "labels": real_labels},
        {"range": "grey levels 0..16, value / 8 - 1 is what the networks see"},
    )
    safetensors.save(
        options.out / "expected.safetensors", expected(networks, held_out, options.seed),
        {"rows": "x and output are [case, 64], label 10 is no class"},
    )


if __name__ == "__main__":
    main()

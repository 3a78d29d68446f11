# SPDX-License-Identifier: MIT
"""The two noise paths and what the network predicts on each.

Both are written x = alpha(t) x0 + sigma(t) eps with t in [0, 1].
  eps   continuous variance-preserving linear schedule, the prediction is eps
  flow  rectified flow alpha = 1 - t, sigma = t, the prediction is the velocity eps - x0
"""

import torch

PREDICTIONS = ("eps", "flow")
BETA0, BETA1 = 0.1, 20.0


def levels(prediction, t):
    """alpha and sigma at time t, same shape as t."""
    if prediction == "flow":
        return 1 - t, t
    log_alpha = -0.25 * t**2 * (BETA1 - BETA0) - 0.5 * t * BETA0
    # 1 - alpha^2 cancels near t = 0, expm1 does not
    return log_alpha.exp(), (-torch.expm1(2 * log_alpha)).sqrt()


def target(prediction, clean, noise):
    """What the network is trained to return."""
    return noise - clean if prediction == "flow" else noise


def clean_image(prediction, x, output, t):
    """x0 that belongs to state x and network output at time t."""
    alpha, sigma = levels(prediction, t)
    if prediction == "flow":
        return x - t * output
    return (x - sigma * output) / alpha

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""DPM-Solver++(2M) steps as separate PyTorch operations, one kernel each: what bench/cuda.cu's dpmpp_2m is compared with.

Prints JSON: seconds for one evaluation's worth of operations, the model left out. Needs PyTorch and a CUDA device.
"""
import json
import sys


def main() -> int:
    try:
        import torch
    except ImportError:
        print("skipped: no PyTorch", file=sys.stderr)
        return 0
    if not torch.cuda.is_available():
        print("skipped: no CUDA device", file=sys.stderr)
        return 0
    quick = "--quick" in sys.argv[1:]
    runs = []
    for elements in [1 << 20] if quick else [1 << 14, 1 << 20, 1 << 24, 1 << 26]:
        for dtype in (torch.float32, torch.bfloat16):
            x, eps, before = (torch.zeros(elements, dtype=dtype, device="cuda") for _ in range(3))
            sigma, alpha, ratio, weight, past = 0.5, 0.8, 0.9, 0.7, 0.2

            def step() -> "torch.Tensor":
                x0 = (x - sigma * eps) / alpha
                mixed = (1 + past) * x0 - past * before
                return ratio * x + weight * mixed

            least = 1e9
            for _ in range(3 if quick else 20):
                first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                step()
                first.record()
                for _ in range(10):
                    step()
                last.record()
                last.synchronize()
                least = min(least, first.elapsed_time(last) / 1e3 / 10)
            runs.append({"method": "dpmpp_2m", "type": str(dtype), "elements": elements, "seconds_per_evaluation": least})
    print(json.dumps({"card": torch.cuda.get_device_name(0), "torch": torch.__version__, "runs": runs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

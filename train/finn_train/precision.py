# SPDX-License-Identifier: Apache-2.0
"""In which numbers a device computes fast."""

import torch


def fast(device: torch.device) -> torch.dtype:
    """bfloat16 on CUDA and on processors with AVX-512 or AMX; others emulate it, ten times slower than float32."""
    if device.type != "cpu" or torch.backends.cpu.get_cpu_capability().startswith(("AVX512", "AMX")):
        return torch.bfloat16
    return torch.float32

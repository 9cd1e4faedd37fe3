"""What there is to compute with, and which engine that leads to."""

import importlib.util
import os
import platform
from typing import Any


def describe_machine() -> dict[str, Any]:
    """Tell the system, its processors and threads, and a graphics processor if there is one."""
    import torch
    from joblib import cpu_count

    gpu = None
    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_name(0)
    elif torch.backends.mps.is_available():
        gpu = "Apple (mps)"
    return {
        "system": platform.platform(aliased=True, terse=True),
        "architecture": platform.machine(),
        "processors": os.cpu_count(),
        "usable_processors": int(cpu_count()),  # what a container or an affinity leaves
        "torch_threads": torch.get_num_threads(),
        "gpu": gpu,
    }


def choose(gpu: str | None) -> dict[str, str]:
    """Tell which engine and precision are used unless others are asked for, and why."""
    from ...features import has_bfloat16, plan_recipe

    recipe = plan_recipe()
    if recipe.engine == "openvino":
        why = "it is installed and there is no graphics processor"
    elif gpu is not None:
        why = f"there is a graphics processor: {gpu}"
    elif importlib.util.find_spec("openvino") is None:
        why = "openvino, which is several times as fast on a processor, is not installed"
    else:
        why = "it fits this machine"
    return {
        "engine": recipe.engine,
        "engine_why": why,
        "precision": recipe.precision,
        "precision_why": (
            "the default; --precision bfloat16 is there for more speed"
            if has_bfloat16(recipe.engine)
            else "this processor has no instructions for bfloat16, which would not be faster"
        ),
        "decoder": recipe.decoder,
    }

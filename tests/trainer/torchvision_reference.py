"""Writes torchvision_reference.safetensors, for torchvision_reference_test.cc.

Usage: torchvision_reference.py FILE, in a Python with torchvision 0.26.0. What
it writes is small and kept with the tests, so that they compare with
torchvision on every machine; torchvision_parity.py compares more where it is
installed. Weights and pixels are drawn by a rule that the test repeats.
"""

import sys
import zlib

import torch
import torchvision
from torchvision.transforms.v2 import functional as F
from write_safetensors import save

MASK = 0xFFFFFFFF


def uniform(name, shape):
    """In [0, 1), a function of the name and the position alone; double."""
    count = 1
    for side in shape:
        count *= side
    x = torch.arange(count, dtype=torch.int64)
    x = (x * 2654435761 + zlib.crc32(name.encode())) & MASK
    x = ((x ^ (x >> 15)) * 2246822519) & MASK
    x = ((x ^ (x >> 13)) * 3266489917) & MASK
    x = x ^ (x >> 16)
    return (x.double() / 2**32).reshape(shape)


def draw(name, tensor):
    """What the test sets a parameter or buffer to."""
    u = uniform(name, tensor.shape)
    if name.endswith("num_batches_tracked"):
        return torch.full_like(tensor, 3)
    if name.endswith("running_var"):
        return 0.5 + u
    if tensor.dim() > 1:
        fan_in = tensor[0].numel()
        return (2 * u - 1) * (4 / fan_in) ** 0.5
    if name.endswith("weight"):
        return 0.5 + u
    return 0.2 * u - 0.1


def network():
    model = torchvision.models.efficientnet_v2_s(
        num_classes=1, dropout=0.0, stochastic_depth_prob=0.0
    ).double()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            tensor.copy_(draw(name, tensor))
    pixels = 2 * uniform("pixels", (4, 3, 64, 64)) - 1
    names = [name for name, _ in model.named_parameters()]
    results = {"names": torch.frombuffer(bytearray("\n".join(names).encode()),
                                         dtype=torch.uint8)}
    model.eval()
    with torch.no_grad():
        results["features"] = model.features(pixels).mean((2, 3))
        results["logits"] = model(pixels).squeeze(1)
    model.train()
    logits = model(pixels).squeeze(1)
    results["train_logits"] = logits.detach()
    torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)
    ).backward()
    results["gradient_norms"] = torch.stack(
        [parameter.grad.norm() for parameter in model.parameters()]
    )
    results["buffer_norms"] = torch.stack(
        [buffer.double().norm() for buffer in model.buffers()]
    )
    return results


def transforms():
    wide = (256 * uniform("wide", (3, 50, 71))).to(torch.uint8)
    small = (256 * uniform("small", (3, 20, 35))).to(torch.uint8)
    pixels = wide[None, :, :32, :32].float() / 255
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    return {
        "wide": wide,
        "small": small,
        "wide.resize": F.resize(wide, [32, 32], antialias=True),
        "small.resize": F.resize(small, [32, 32], antialias=True),
        "wide.crop": F.center_crop(wide, [32, 32]),
        "small.crop": F.center_crop(
            F.resize(small, [32], antialias=True), [32, 32]
        ),
        "blurred": F.gaussian_blur(pixels, [7, 7], [2.0, 2.0]),
        "grey": F.rgb_to_grayscale(pixels, num_output_channels=3),
        "normalised": F.normalize(pixels, mean, deviation),
    }


if torchvision.__version__.split("+")[0] != "0.26.0":
    sys.exit(f"torchvision is {torchvision.__version__}, not 0.26.0")
torch.set_num_threads(1)
save(sys.argv[1], network() | transforms())

"""Writes what torchvision computes, for torchvision_parity_test.cc.

Usage: torchvision_parity.py FOLDER. Exits with 77 where torchvision is absent.
"""

import sys

try:
    import torch
    import torchvision
    from torchvision.io import write_png
    from torchvision.transforms.v2 import functional as F
except ImportError as error:
    print(error)
    sys.exit(77)

from write_safetensors import save


def randomise(model):
    """Draws what training would have moved: batch norms and biases."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.num_batches_tracked.fill_(3)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.1)
        elif isinstance(module, torch.nn.Conv2d) and module.bias is not None:
            torch.nn.init.normal_(module.bias, 0, 0.1)


def network(folder):
    model = torchvision.models.efficientnet_v2_s(
        num_classes=1, dropout=0.0, stochastic_depth_prob=0.0
    )
    with torch.no_grad():
        randomise(model)
    save(folder + "/weights.safetensors", model.state_dict())
    names = [name for name, _ in model.named_parameters()]
    with open(folder + "/names.txt", "w") as file:
        file.write("\n".join(names))

    pixels = torch.randn(4, 3, 64, 64)
    results = {"pixels": pixels}
    model.eval()
    with torch.no_grad():
        results["features"] = model.features(pixels)
        results["logits"] = model(pixels).squeeze(1)
    # In double: gradients that cancel out show differences, not rounding.
    model.double().train()
    logits = model(pixels.double()).squeeze(1)
    results["train_logits"] = logits
    torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)
    ).backward()
    for name, parameter in model.named_parameters():
        if parameter.numel() < 50_000:
            results["grad." + name] = parameter.grad
    for name, buffer in model.named_buffers():
        results["buffer." + name] = buffer
    save(folder + "/network.safetensors", results)


def transforms(folder):
    wide = torch.randint(0, 256, (3, 150, 211), dtype=torch.uint8)
    small = torch.randint(0, 256, (3, 40, 71), dtype=torch.uint8)
    write_png(wide, folder + "/wide.png")
    write_png(small, folder + "/small.png")
    pixels = wide[None, :, :96, :96].float() / 255
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    results = {
        "batch": wide[None, :, :96, :96],
        "resized": F.resize(wide, [64, 64], antialias=True),
        "enlarged": F.resize(small, [64, 64], antialias=True),
        "centre": F.center_crop(wide, [64, 64]),
        "small_centre": F.center_crop(
            F.resize(small, [64], antialias=True), [64, 64]
        ),
        "blurred": F.gaussian_blur(pixels, [7, 7], [2.0, 2.0]),
        "grey": F.rgb_to_grayscale(pixels, num_output_channels=3),
        "normalised": F.normalize(pixels, mean, deviation),
    }
    save(folder + "/transforms.safetensors", results)


torch.manual_seed(1)
torch.set_num_threads(1)
network(sys.argv[1])
transforms(sys.argv[1])

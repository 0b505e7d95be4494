#!/usr/bin/env python3
"""Writes the PyTorch files of tests/Subp.Training.Tests/Data/pytorch, and checks files that `subp export` wrote.

Without arguments: ResNet-18 of width 4 with five classes and random weights, saved in every form that the reader knows, with one input and the
output that PyTorch computes (little-endian float32, input first); and the names and shapes of torchvision's networks. With --check FILE.pth: loads the file with weights_only=True into a ResNet-18
of the file's width, prints the number of tensors and, with --data FILE.expected, how far the output is from the one in there.
Needs PyTorch and torchvision (Debian 12: python3-torch 1.13, python3-torchvision 0.14).
"""
import argparse
import collections
import pathlib

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "Subp.Training.Tests" / "Data" / "pytorch"
WIDTH, CLASSES, PIXELS, BLOCK = 4, 5, 32, 4


def narrow(width, classes):
    """torchvision's ResNet-18 with fewer channels in every layer."""
    model = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=classes)
    factor = 64 // width
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            inputs = module.in_channels if module.in_channels == 3 else module.in_channels // factor
            module.__init__(inputs, module.out_channels // factor, module.kernel_size, module.stride, module.padding, bias=False)
        elif isinstance(module, nn.BatchNorm2d):
            module.__init__(module.num_features // factor)
    model.fc = nn.Linear(model.fc.in_features // factor, classes)
    return model


def randomise(model):
    generator = torch.Generator().manual_seed(20231210)
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        values = torch.randn(tensor.shape, generator=generator)
        if tensor.dim() > 1:
            tensor.copy_(values * (2.0 / tensor[0].numel()) ** 0.5)
        elif name.endswith(("running_var", "weight")):
            tensor.copy_(values.abs() * 0.5 + 0.5)
        else:
            tensor.copy_(values * 0.1)


def write_fixtures():
    FOLDER.mkdir(parents=True, exist_ok=True)
    model = narrow(WIDTH, CLASSES).eval()
    randomise(model)
    image = torch.randn(1, 3, PIXELS, PIXELS, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        output = model(image)
    np.concatenate([image.numpy().ravel(), output.numpy().ravel()]).astype("<f4").tofile(FOLDER / "resnet18-w4.expected")

    torch.save(model.state_dict(), FOLDER / "resnet18-w4.pth")

    # The forms of single tensors: types, views, orders in memory, shared storages, parameters.
    base = torch.arange(24, dtype=torch.float32)
    tensors = {"float32": base.reshape(2, 3, 4), "float16": base.half(), "bfloat16": base.bfloat16(), "float64": base.double(),
               "int64": base.long(), "int32": base.int(), "uint8": base.byte(), "bool": base % 2 == 0, "scalar": torch.tensor(7.0),
               "transposed": base.reshape(4, 6).t(), "slice": base.reshape(4, 6)[1:3, 2:5],
               "channels_last": base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last), "empty": torch.zeros(0, 3),
               "parameter": nn.Parameter(base[:6].clone())}
    torch.save(tensors, FOLDER / "tensors.pth")
    torch.save(tensors, FOLDER / "tensors-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(tensors, FOLDER / "tensors-protocol4.pth", pickle_protocol=4)

    # As the SUBP authors save, from several devices: a mask beside the weight of both 3x3 convolutions of every block, constant over 1xN
    # blocks. Half precision and truth values keep the file small.
    generator = torch.Generator().manual_seed(2)
    masked = collections.OrderedDict()
    for key, value in model.state_dict().items():
        masked["module." + key] = value.half() if value.is_floating_point() else value
        if key.startswith("layer") and ".conv" in key:
            outputs, inputs, height, width = value.shape
            score = torch.rand(outputs // BLOCK, inputs, generator=generator)
            kept = torch.zeros_like(score).scatter_(1, score.argsort(1)[:, int(0.46875 * inputs):], 1.0)
            masked["module." + key[:-len("weight")] + "mask"] = kept.repeat_interleave(BLOCK, 0)[:, :, None, None].repeat(1, 1, height, width).bool()
    optimizer = {"state": {0: {"momentum_buffer": torch.zeros(2)}}, "param_groups": [{"lr": 0.1, "params": [0, 1], "nesterov": False}]}
    torch.save({"epoch": 1, "arch": "resnet18", "state_dict": masked, "best_acc1": torch.tensor(12.5), "optimizer": optimizer},
               FOLDER / "resnet18-w4-subp.pth.tar")


def write_names():
    lines = []
    for name in ("resnet18", "resnet34", "resnet50", "vgg16_bn"):
        state = getattr(torchvision.models, name)(weights=None).state_dict()
        lines += [f"{name} {key} {'x'.join(map(str, value.shape))}" for key, value in state.items() if value.dim() > 0]
    (FOLDER / "torchvision-names.txt").write_text("\n".join(lines) + "\n")


def check(path, expected):
    state = torch.load(path, weights_only=True)
    model = narrow(state["conv1.weight"].shape[0], state["fc.weight"].shape[0]).eval()
    model.load_state_dict(state)
    print(f"{path}: {len(state)} tensors, loaded with weights_only=True and strict=True")
    if expected:
        numbers = torch.from_numpy(np.fromfile(expected, "<f4"))
        pixels = 3 * PIXELS * PIXELS
        with torch.no_grad():
            output = model(numbers[:pixels].reshape(1, 3, PIXELS, PIXELS)).ravel()
        largest = numbers[pixels:].abs().max()
        print(f"largest difference {((output - numbers[pixels:]).abs().max() / largest).item():.1e} of the largest output")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", metavar="FILE.pth")
    parser.add_argument("--data", metavar="FILE.expected")
    arguments = parser.parse_args()
    check(arguments.check, arguments.data) if arguments.check else (write_fixtures(), write_names())

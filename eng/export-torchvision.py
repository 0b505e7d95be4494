#!/usr/bin/env python3
"""Exports torchvision's networks with random weights to ONNX.

Without arguments it rewrites tests/Subp.Onnx.Tests/Data/torchvision: every family scaled down (channels divided, fewer layers, small
images), each with a .expected file of little-endian float32 numbers: the input of one run, then the output that PyTorch computes.
With --full FOLDER it writes the full-size networks of 224 x 224 pixels, classification and segmentation, into that folder instead; these are not
committed. Needs PyTorch 1.13, torchvision 0.14
and onnx 1.12 (Debian: python3-torch, python3-torchvision, python3-onnx).
"""
import argparse
import copy
import io
import pathlib

import numpy as np
import onnx
import torch
import torchvision.models as zoo
import torchvision.models.segmentation as segmentation
from torch import nn
from torchvision.models.densenet import DenseNet
from torchvision.models.regnet import BlockParams, RegNet
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.shufflenetv2 import ShuffleNetV2

HERE = pathlib.Path(__file__).resolve().parent
SMALL = HERE.parent / "tests" / "Subp.Onnx.Tests" / "Data" / "torchvision"
CLASSES = 10


class MobileNetV1(nn.Sequential):
    """Howard et al. 2017; torchvision has none."""

    def __init__(self, num_classes=1000):
        def block(inputs, outputs, stride):
            return [nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False), nn.BatchNorm2d(inputs), nn.ReLU(),
                    nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

        layers = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
        channels = 32
        for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
            layers += block(channels, outputs, stride)
            channels = outputs
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, num_classes))


class OldHardSwish(nn.Module):
    """x * relu6(x + 3) / 6, as networks of before PyTorch had the function write it."""

    def forward(self, x):
        return x * nn.functional.relu6(x + 3) / 6


def divided(model, factor):
    """Divides the channels of every layer, which keeps the form of the network; depthwise layers stay depthwise."""
    def less(channels):
        return -(-channels // factor)

    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            inputs = module.in_channels if module.in_channels == 3 else less(module.in_channels)
            if module.groups > 1:
                module.groups = less(module.groups)
            module.in_channels, module.out_channels = inputs, less(module.out_channels)
            module.weight = nn.Parameter(torch.empty(module.out_channels, inputs // module.groups, *module.kernel_size))
            if module.bias is not None:
                module.bias = nn.Parameter(torch.empty(module.out_channels))
        elif isinstance(module, nn.BatchNorm2d):
            module.__init__(less(module.num_features), eps=module.eps, momentum=module.momentum)
        elif isinstance(module, nn.Linear):
            module.__init__(less(module.in_features), module.out_features if module.out_features == CLASSES else less(module.out_features))
    return model


def small_vgg():
    model = zoo.vgg11_bn(num_classes=CLASSES)
    model.avgpool = nn.AdaptiveAvgPool2d(1)
    model.classifier[0] = nn.Linear(512, 4096)
    return divided(model, 32)


def small_mobilenet_v3_old():
    model = divided(zoo.mobilenet_v3_small(num_classes=CLASSES), 8)
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.Hardswish):
                setattr(module, name, OldHardSwish())
    return model


def small_squeezenet():
    model = zoo.squeezenet1_1(num_classes=CLASSES)
    model = divided(model, 8)
    model.classifier[1] = nn.Conv2d(64, CLASSES, 1)
    return model


# Name, how to build it, opset, pixels, whether batch normalisation stays a node of its own.
NETWORKS = [
    ("resnet18", lambda: divided(ResNet(BasicBlock, [1, 1, 1, 1], CLASSES), 16), 11, 64, True),
    ("resnet50", lambda: divided(ResNet(Bottleneck, [1, 1, 1, 1], CLASSES), 16), 17, 64, True),
    ("mobilenet_v1", lambda: divided(MobileNetV1(CLASSES), 8), 12, 64, True),
    ("mobilenet_v2", lambda: divided(zoo.mobilenet_v2(num_classes=CLASSES), 8), 13, 64, False),
    ("mobilenet_v3_small", lambda: divided(zoo.mobilenet_v3_small(num_classes=CLASSES), 8), 14, 64, False),
    ("mobilenet_v3_opset12", lambda: divided(zoo.mobilenet_v3_small(num_classes=CLASSES), 8), 12, 64, False),
    ("mobilenet_v3_relu6", small_mobilenet_v3_old, 13, 48, True),
    ("vgg11_bn", small_vgg, 15, 64, True),
    ("squeezenet1_1", small_squeezenet, 16, 64, False),
    ("shufflenet_v2", lambda: ShuffleNetV2([2, 2, 2], [24, 16, 32, 64, 128], num_classes=CLASSES), 13, 64, False),
    ("densenet", lambda: DenseNet(8, (2, 3, 3, 2), 16, num_classes=CLASSES), 17, 64, True),
    ("googlenet", lambda: divided(zoo.googlenet(num_classes=CLASSES, aux_logits=False, init_weights=False, transform_input=True), 16), 13, 64, False),
    ("efficientnet_b0", lambda: divided(zoo.efficientnet_b0(num_classes=CLASSES), 16), 16, 64, False),
    ("regnet_y", lambda: RegNet(BlockParams.from_init_params(5, 16, 14.0, 2.0, 8, se_ratio=0.25), CLASSES, stem_width=8), 15, 64, True),
    ("mnasnet", lambda: divided(zoo.mnasnet0_5(num_classes=CLASSES), 8), 11, 64, False),
]

FULL = ["resnet18", "resnet34", "resnet50", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "vgg11_bn", "vgg16_bn", "squeezenet1_1",
        "shufflenet_v2_x1_0", "densenet121", "googlenet", "efficientnet_b0", "regnet_y_400mf", "mnasnet1_0", "convnext_tiny", "swin_t"]

SEGMENTATION = ["lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "fcn_resnet50", "deeplabv3_resnet50"]


class OneMap(nn.Module):
    """A network of torchvision's segmentation answers with a dictionary; its map of classes is what counts."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def initialise(model):
    """Weights that keep the scale of the activations."""
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, mode="fan_in")
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.1)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.6, 1.2)
            nn.init.normal_(module.bias, 0, 0.2)


def settle(model, pixels, batch):
    """Runs in training mode until the stored statistics are those of the activations: they neither explode nor die."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.5
    model.train()
    with torch.no_grad():
        for _ in range(6):
            model(torch.randn(batch, 3, pixels, pixels))
    model.eval()


def export(folder, name, model, opset, pixels, keep_norms, batch):
    initialise(model)
    settle(model, pixels, batch)
    sample = torch.randn(1, 3, pixels, pixels)
    with torch.no_grad():
        # In double precision, so that the tests need not allow for the rounding of this side.
        scores = copy.deepcopy(model).double()(sample.double()).float()
    buffer = io.BytesIO()
    mode = torch.onnx.TrainingMode.PRESERVE if keep_norms else torch.onnx.TrainingMode.EVAL
    torch.onnx.export(model, sample, buffer, opset_version=opset, input_names=["image"], output_names=["scores"], training=mode)
    proto = onnx.load_from_string(buffer.getvalue())
    for node in proto.graph.node:
        node.doc_string = ""
    (folder / f"{name}.onnx").write_bytes(proto.SerializeToString())
    values = np.concatenate([sample.numpy().ravel(), scores.numpy().ravel()])
    (folder / f"{name}.expected").write_bytes(values.astype("<f4").tobytes())
    print(f"{name}: opset {opset}, {sum(p.numel() for p in model.parameters())} parameters, largest output {scores.abs().max():.3g}, "
          f"operators {', '.join(sorted({node.op_type for node in proto.graph.node}))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=pathlib.Path, metavar="FOLDER", help="write the full-size networks into this folder")
    parser.add_argument("--only", help="export one network by name")
    options = parser.parse_args()
    if options.full is None:
        SMALL.mkdir(parents=True, exist_ok=True)
        for name, build, opset, pixels, keep_norms in NETWORKS:
            if options.only in (None, name):
                torch.manual_seed(7)
                export(SMALL, name, build(), opset, pixels, keep_norms, batch=8)
        return
    options.full.mkdir(parents=True, exist_ok=True)
    for name in [*FULL, "mobilenet_v1", *SEGMENTATION]:
        if options.only in (None, name):
            torch.manual_seed(7)
            if name in SEGMENTATION:
                model = OneMap(getattr(segmentation, name)(weights=None, weights_backbone=None))
            else:
                extra = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
                model = MobileNetV1() if name == "mobilenet_v1" else getattr(zoo, name)(**extra)
            export(options.full, name, model, 17, 224, keep_norms=True, batch=2)


if __name__ == "__main__":
    main()

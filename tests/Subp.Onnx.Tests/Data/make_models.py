#!/usr/bin/env python3
"""Makes the small .onnx files beside this script with PyTorch's exporter, and for each a .expected file.

A .expected file holds little-endian float32 numbers: the input of one run, then the output that PyTorch computes.
Needs PyTorch 1.13 and onnx 1.12 or newer (Debian: python3-torch, python3-onnx). Usage: ./make_models.py
"""
import io
import pathlib

import numpy as np
import onnx
import onnx.numpy_helper
import torch
from torch import nn

HERE = pathlib.Path(__file__).parent


def randomise(model):
    """Gives batch normalisations statistics that a wrong import cannot miss."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.5)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.5)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 5, 2, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True))
        self.conv1 = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.conv2 = nn.Sequential(nn.Conv2d(16, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16))
        self.shortcut = nn.Sequential(nn.Conv2d(8, 16, 1, 2, bias=False), nn.BatchNorm2d(16))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(self.conv2(self.conv1(x)) + self.shortcut(x))
        return torch.softmax(self.fc(x.mean([2, 3])), 1)


class Mobile(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 3, 1, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU6(),
            nn.Conv2d(12, 12, (3, 5), (2, 1), (1, 4), dilation=(1, 2), groups=12), nn.ReLU6(),
            nn.Conv2d(12, 8, 1, groups=4), nn.Hardtanh(-0.5, 0.75),
            nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(2, 2, 0, ceil_mode=True, count_include_pad=False))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(8, 5, bias=False))

    def forward(self, x):
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


class Lenet(nn.Module):
    """A matrix product and an addition in place of a linear layer, a fixed view in place of flatten, one weight used twice."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.shared = nn.Conv2d(4, 4, 3, padding=1)
        self.matrix = nn.Parameter(torch.randn(4 * 5 * 5, 7) * 0.1)
        self.shift = nn.Parameter(torch.randn(7))

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv(x)), 2)
        x = torch.relu(self.shared(torch.relu(self.shared(x))))
        return x.reshape(-1, 100) @ self.matrix + self.shift


def export(name, model, shape, opset, fold, dynamic=False):
    torch.manual_seed(7)
    model.apply(lambda module: module.reset_parameters() if hasattr(module, "reset_parameters") else None)
    randomise(model)
    model.eval()
    sample = torch.randn(shape)
    buffer = io.BytesIO()
    torch.onnx.export(
        model, sample, buffer, opset_version=opset, input_names=["image"], output_names=["scores"],
        dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}} if dynamic else None,
        training=torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE)
    proto = onnx.load_from_string(buffer.getvalue())
    for node in proto.graph.node:
        node.doc_string = ""
    (HERE / f"{name}.onnx").write_bytes(proto.SerializeToString())
    with torch.no_grad():
        values = np.concatenate([sample.numpy().ravel(), model(sample).numpy().ravel()])
    (HERE / f"{name}.expected").write_bytes(values.astype("<f4").tobytes())
    return proto, sample, model


def to_half(proto, name, model, sample):
    """The same network with its weights in half precision, stored once as bytes and once as numbers."""
    for index, tensor in enumerate(proto.graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32:
            continue
        half = values.astype(np.float16)
        if index % 2 == 0:
            tensor.CopyFrom(onnx.numpy_helper.from_array(half, tensor.name))
        else:
            tensor.CopyFrom(onnx.TensorProto(name=tensor.name, dims=values.shape, data_type=onnx.TensorProto.FLOAT16,
                                             int32_data=half.view(np.uint16).ravel().tolist()))
    (HERE / f"{name}.onnx").write_bytes(proto.SerializeToString())
    model.load_state_dict({key: value.half().float() for key, value in model.state_dict().items()})
    with torch.no_grad():
        values = np.concatenate([sample.numpy().ravel(), model(sample).numpy().ravel()])
    (HERE / f"{name}.expected").write_bytes(values.astype("<f4").tobytes())


if __name__ == "__main__":
    torch.manual_seed(7)
    export("residual-folded-opset11", Residual(), (1, 3, 29, 30), 11, fold=True)
    export("residual-opset17", Residual(), (2, 3, 29, 30), 17, fold=False, dynamic=True)
    export("mobile-opset13", Mobile(), (1, 3, 15, 17), 13, fold=False)
    proto, sample, model = export("lenet-opset12", Lenet(), (1, 1, 12, 12), 12, fold=True)
    to_half(proto, "lenet-half-opset12", model, sample)

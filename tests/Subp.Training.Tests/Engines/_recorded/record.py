#!/usr/bin/env python3
"""Records what PyTorch does with a small masked network: the oracle of RecordedStepsTests.

    python3 record.py            # writes steps.safetensors beside this file

Needs PyTorch and nothing else. Recorded with 1.13.1 on x86-64. Weights, images and labels come from an integer generator that the test repeats,
so that only results are stored.
"""

import json
import pathlib
import struct

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def draw(seed, *shape):
    """Values in [-0.5, 0.5): a linear congruential generator, exact in any language with 64-bit integers."""
    count = 1
    for extent in shape:
        count *= extent
    state, values = seed, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**31 - 0.5)
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


shapes = {
    "stem.weight": (8, 3, 3, 3),
    "stem.norm.scale": (8,),
    "stem.norm.shift": (8,),
    "stem.norm.mean": (8,),
    "stem.norm.variance": (8,),
    "body.weight": (8, 8, 3, 3),
    "body.norm.scale": (8,),
    "body.norm.shift": (8,),
    "body.norm.mean": (8,),
    "body.norm.variance": (8,),
    "depthwise.weight": (8, 1, 3, 3),
    "depthwise.bias": (8,),
    "fc.weight": (5, 8),
    "fc.bias": (5,),
}
parameters = {}
for index, (name, shape) in enumerate(shapes.items()):
    value = draw(index + 1, *shape)
    if name.endswith(("scale", "variance")):
        value = value + 1
    parameters[name] = value
images = draw(101, 4, 3, 8, 8) * 4
labels = torch.tensor([0, 3, 1, 4])
mask = torch.tensor([1, 0, 1, 1, 0, 1, 0, 1], dtype=torch.float32).reshape(1, 8, 1, 1)

statistics = [name for name in shapes if name.endswith(("mean", "variance"))]
trained = [name for name in shapes if name not in statistics]
for name in trained:
    parameters[name].requires_grad_(True)


def norm(x, name, training):
    p = parameters
    return F.batch_norm(
        x, p[name + ".mean"], p[name + ".variance"], p[name + ".scale"], p[name + ".shift"], training, 0.1, 1e-5
    )


def forward(training):
    p = parameters
    body = p["body.weight"]
    body = body + (body * mask - body).detach()
    x = F.relu(norm(F.conv2d(images, p["stem.weight"], padding=1), "stem.norm", training))
    x = F.max_pool2d(x, 2, 2)
    y = norm(F.conv2d(x, body, padding=1), "body.norm", training)
    x = F.hardtanh(y + x, 0, 6)
    x = F.conv2d(x, p["depthwise.weight"], p["depthwise.bias"], padding=1, groups=8)
    x = torch.cat([x[:, 4:8], x[:, 0:4]], 1)
    return F.linear(x.mean([2, 3]), p["fc.weight"], p["fc.bias"])


decay = [name for name in trained if name.endswith("weight")]
others = [name for name in trained if name not in decay]
optimizer = torch.optim.SGD(
    [
        {"params": [parameters[name] for name in decay], "weight_decay": 5e-3},
        {"params": [parameters[name] for name in others], "weight_decay": 0},
    ],
    lr=0.1,
    momentum=0.9,
)
recorded, losses = {}, []
for step in range(3):
    optimizer.zero_grad()
    logits = forward(True)
    loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    losses.append(loss.item())
    if step == 0:
        recorded["logits"] = logits
        for name in trained:
            recorded[name + "/gradient"] = parameters[name].grad.clone()
    body = parameters["body.weight"]
    body.grad += 2e-2 * (1 - mask) * body.detach()
    optimizer.step()
recorded["losses"] = torch.tensor(losses)
for name in shapes:
    recorded[name + "/value"] = parameters[name]
for name in trained:
    recorded[name + "/momentum"] = optimizer.state[parameters[name]]["momentum_buffer"]
with torch.no_grad():
    recorded["prediction"] = forward(False)

header, body, offset = {}, b"", 0
for name, tensor in recorded.items():
    values = tensor.detach().flatten().tolist()
    data = struct.pack(f"<{len(values)}f", *values)
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
    body += data
    offset += len(data)
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
(pathlib.Path(__file__).parent / "steps.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)

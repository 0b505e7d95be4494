using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Subp.Benchmarks.Engines;

/// <summary>
/// fashion-resnet8 as anybody would write it with TorchSharp's own modules and optimiser: what the engine is measured against. No masks.
/// </summary>
internal sealed class BareTorchLoop : IDisposable
{
    private readonly Network _network = new();
    private readonly optim.Optimizer _optimizer;

    public BareTorchLoop()
    {
        _network.train();
        _optimizer = optim.SGD(_network.parameters(), learningRate: 0.01, momentum: 0.9, weight_decay: 5e-4);
    }

    /// <summary>One step from managed arrays to the loss as a number.</summary>
    public double Step(float[] images, long[] labels)
    {
        using var scope = NewDisposeScope();
        var input = tensor(images, [labels.Length, 1, 28, 28]);
        _optimizer.zero_grad();
        var loss = functional.cross_entropy(_network.forward(input), tensor(labels));
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }

    private sealed class Network : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _layers;

        public Network()
            : base("fashion-resnet8")
        {
            _layers = Sequential(
                Unit(1, 32, 3, 2),
                ReLU(inplace: true),
                new Block(32, 32, 1),
                new Block(32, 64, 2),
                new Block(64, 128, 2),
                AdaptiveAvgPool2d(1),
                Flatten(),
                Linear(128, 10)
            );
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _layers.forward(input);
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _first;
        private readonly Module<Tensor, Tensor> _second;
        private readonly Module<Tensor, Tensor>? _shortcut;

        public Block(int inputs, int outputs, int stride)
            : base("block")
        {
            _first = Unit(inputs, outputs, 3, stride);
            _second = Unit(outputs, outputs, 3, 1);
            _shortcut = stride == 1 ? null : Unit(inputs, outputs, 1, stride);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var value = _second.forward(_first.forward(input).relu_());
            return value.add_(_shortcut is null ? input : _shortcut.forward(input)).relu_();
        }
    }

    private static Module<Tensor, Tensor> Unit(int inputs, int outputs, int kernel, int stride) =>
        Sequential(Conv2d(inputs, outputs, kernel, stride, padding: kernel / 2, bias: false), BatchNorm2d(outputs));
}

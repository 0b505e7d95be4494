using System.Diagnostics;
using System.Runtime.InteropServices;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Training.Engines;
using Subp.Training.Sparsification;
using Subp.Training.TorchSharp.Networks;
using TorchSharp;
using static TorchSharp.torch;
using Functional = TorchSharp.torch.nn.functional;

namespace Subp.Training.TorchSharp;

/// <summary>
/// The engine over libtorch: float32 on the processor or an NVIDIA GPU. On a processor the same steps with the same number of threads give
/// the same bits. On a GPU some functions add in any order; TorchSharp cannot ask libtorch for its deterministic forms.
/// </summary>
public sealed class TorchSharpEngine : ITrainingEngine
{
    private readonly EngineRequest _request;
    private readonly Device _device;
    private readonly TrainedNetwork _network;
    private readonly Dictionary<string, TorchParameter> _parameters = new(StringComparer.Ordinal);
    private readonly TorchProgram _program;
    private readonly Tensor _images;
    private readonly Tensor _labels;
    private long _forwardTicks;
    private long _backwardTicks;
    private long _forwardImages;
    private long _backwardImages;

    internal TorchSharpEngine(EngineRequest request, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchCapacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Settings.Threads);
        _request = request;
        _device = device;
        _network = new TrainedNetwork(request.Graph, isRounded: request.Rounding is not null);
        manual_seed((long)request.Settings.Seed);
        if (device.type == DeviceType.CUDA)
        {
            backends.cuda.matmul.allow_tf32 = request.Settings.AllowTensorFloat32;
            backends.cudnn.allow_tf32 = request.Settings.AllowTensorFloat32;
        }

        var roundings = new Dictionary<string, ValueRounding>(StringComparer.Ordinal);
        foreach (var (value, range) in _network.Ranges)
        {
            // Two numbers that every pass reads: they stay where they can be read.
            _parameters[range] = new TorchParameter(_network[range], [0, 0], CPU, channelsLast: false);
            roundings[value] = new ValueRounding(_parameters[range]);
        }

        foreach (var rule in _network.Parameters.Where(rule => !_parameters.ContainsKey(rule.Name)))
            _parameters[rule.Name] = new TorchParameter(rule, request.Weights[rule.Name].Values, device, request.Settings.ChannelsLast);

        _program = new TorchProgram(_network, new NodeFunctions(_network, _parameters, request.Rounding), roundings);
        GradientOrder = [.. _program.Segments.SelectMany(segment => segment)];
        var shape = request.Graph.Inputs[0].Shape;
        _images = empty(request.BatchCapacity, shape.Channels, shape.Height, shape.Width, float32).DetachFromDisposeScope();
        _labels = empty(request.BatchCapacity, int64).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public string Name => TorchSharpProvider.EngineName;

    /// <inheritdoc/>
    public string Description =>
        FormattableString.Invariant($"torchsharp {__version__}/{Settings.Device}/{Settings.Threads} threads")
        + (Settings.ChannelsLast ? "/channels last" : "")
        + (Settings.AllowTensorFloat32 ? "/tf32" : "");

    /// <inheritdoc/>
    public EngineSettings Settings => _request.Settings;

    /// <inheritdoc/>
    public Graph Graph => _network.Graph;

    /// <inheritdoc/>
    public int BatchCapacity => _request.BatchCapacity;

    /// <inheritdoc/>
    public IReadOnlyList<string> GradientOrder { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Ranges => _network.Ranges;

    /// <inheritdoc/>
    public IGradientExchange? GradientExchange { get; set; }

    /// <inheritdoc/>
    public TeacherAnswers? Teacher { get; set; }

    /// <inheritdoc/>
    public StepResult Train(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, StepSettings settings)
    {
        var result = ComputeGradients(images, labels, settings.LabelSmoothing);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        long start = Stopwatch.GetTimestamp();
        foreach (string name in GradientOrder)
        {
            using var inner = NewDisposeScope();
            MomentumSgd.Step(_parameters[name], settings);
        }

        _backwardTicks += Stopwatch.GetTimestamp() - start;
        return result;
    }

    /// <inheritdoc/>
    public StepResult ComputeGradients(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float labelSmoothing)
    {
        _network.RequireLabels(labels);
        _network.RequireImages(images.Length, labels.Length, BatchCapacity);
        Load(images, labels);
        int count = labels.Length;
        return TorchMemory.Guard(_request, () => ComputeGradients(count, labelSmoothing));
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<float> images, int count, Span<float> outputs)
    {
        _network.RequireOutputs(outputs.Length, count);
        _network.RequireImages(images.Length, count, BatchCapacity);
        Load(images, []);
        float[] result = TorchMemory.Guard(_request, () => Predict(count));
        result.CopyTo(outputs);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(string parameter) => HostCopy.Read(Find(parameter).Values);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Gradient(string parameter)
    {
        var found = Find(parameter);
        if (!found.Rule.IsTrained)
            return [];

        using var scope = NewDisposeScope();
        return found.Leaf.grad is { } gradient ? HostCopy.Read(gradient) : new float[found.Rule.Shape.ElementCount];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Momentum(string parameter) => Find(parameter).Momentum is { } momentum ? HostCopy.Read(momentum) : [];

    /// <inheritdoc/>
    public void SetValues(string parameter, ReadOnlySpan<float> values)
    {
        var target = Find(parameter);
        RequireLength(parameter, values.Length, target.Rule.Shape.ElementCount);
        HostCopy.Write(target.Values, values);
    }

    /// <inheritdoc/>
    public void SetMomentum(string parameter, ReadOnlySpan<float> values)
    {
        var target = Find(parameter);
        RequireLength(parameter, values.Length, target.Rule.IsTrained ? target.Rule.Shape.ElementCount : 0);
        if (target.Momentum is not null)
            HostCopy.Write(target.Momentum, values);
    }

    /// <inheritdoc/>
    public void SetMask(string parameter, BlockGrid grid, BlockMask mask) => Find(parameter).SetMask(grid, mask);

    /// <inheritdoc/>
    public byte[] SaveRandomState()
    {
        using var scope = NewDisposeScope();
        return get_rng_state().cpu().bytes.ToArray();
    }

    /// <inheritdoc/>
    public void RestoreRandomState(ReadOnlySpan<byte> state)
    {
        using var scope = NewDisposeScope();
        var current = get_rng_state();
        if (state.Length != current.bytes.Length)
            throw new ArgumentException(
                FormattableString.Invariant($"A random state has {current.bytes.Length} bytes, found {state.Length}.")
            );

        set_rng_state(from_array(state.ToArray()));
    }

    /// <inheritdoc/>
    /// <remarks>libtorch does not say what a layer costs: one line for the whole network, without a peak to compare it with.</remarks>
    public EngineProfile TakeProfile()
    {
        double work = 2.0 * LayerCost.Total(Graph).DenseMacs;
        var whole = new LayerProfile(
            Graph.Name,
            "network",
            _forwardTicks / (double)Stopwatch.Frequency,
            _backwardTicks / (double)Stopwatch.Frequency,
            work * _forwardImages,
            2 * work * _backwardImages
        );
        (_forwardTicks, _backwardTicks, _forwardImages, _backwardImages) = (0, 0, 0, 0);
        return new EngineProfile([whole], 0, Settings.Threads);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in _parameters.Values)
            parameter.Dispose();

        _images.Dispose();
        _labels.Dispose();
    }

    private StepResult ComputeGradients(int count, float labelSmoothing)
    {
        using var scope = NewDisposeScope();
        Prepare();
        long start = Stopwatch.GetTimestamp();
        var borders = GradientExchange is null ? null : new List<(Tensor Before, Tensor Behind)>();
        var labels = _labels.narrow(0, 0, count).to(_device);
        var logits = Logits(_program.Forward(Images(count), training: true, borders));
        var loss = Functional.cross_entropy(logits, labels, label_smoothing: labelSmoothing);
        if (Teacher is { } teacher)
            loss = ((1 - teacher.Share) * loss) + (teacher.Share * Divergence(logits, teacher, count));

        long middle = Stopwatch.GetTimestamp();
        foreach (string name in GradientOrder)
            _parameters[name].Leaf.grad = null;

        loss.backward();
        if (borders is not null)
            Exchange(borders);

        var detached = logits.detach();
        var ofLabel = detached.gather(1, labels.unsqueeze(1)).squeeze(1);
        long correct = ofLabel.eq(detached.amax([1])).sum().item<long>();
        double mean = loss.item<float>();
        _forwardTicks += middle - start;
        _backwardTicks += Stopwatch.GetTimestamp() - middle;
        _forwardImages += count;
        _backwardImages += count;
        return new StepResult(mean, (int)correct);
    }

    private Tensor Divergence(Tensor logits, TeacherAnswers teacher, int count)
    {
        var wanted = (tensor(teacher.Logits.ToArray(), [count, _network.Classes], device: _device) / teacher.Temperature).log_softmax(1);
        var given = (logits / teacher.Temperature).log_softmax(1);
        return (wanted.exp() * (wanted - given)).sum() * (teacher.Temperature * teacher.Temperature / count);
    }

    private float[] Predict(int count)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Prepare();
        long start = Stopwatch.GetTimestamp();
        var logits = Logits(_program.Forward(Images(count), training: false, borders: null));
        float[] result = HostCopy.Read(_network.EndsWithSoftmax ? logits.softmax(1) : logits);
        _forwardTicks += Stopwatch.GetTimestamp() - start;
        _forwardImages += count;
        return result;
    }

    // The pass behind the last border is done; each border hands its gradient to the segment before it.
    private void Exchange(List<(Tensor Before, Tensor Behind)> borders)
    {
        for (int segment = 0; segment < _program.Segments.Count; segment++)
        {
            if (segment > 0)
            {
                var (before, behind) = borders[^segment];
                before.backward([behind.grad!]);
            }

            foreach (string name in _program.Segments[segment])
                Touch(name, gradient => GradientExchange!.Send(name, gradient));
        }

        foreach (string name in GradientOrder)
            Touch(name, gradient => GradientExchange!.Receive(name, gradient));
    }

    private delegate void GradientAction(Span<float> gradient);

    private void Touch(string parameter, GradientAction action)
    {
        using var scope = NewDisposeScope();
        var gradient = _parameters[parameter].Leaf.grad!;
        if (HostCopy.IsPlain(gradient))
        {
            action(MemoryMarshal.Cast<byte, float>(gradient.bytes));
            return;
        }

        float[] copy = HostCopy.Read(gradient);
        action(copy);
        HostCopy.Write(gradient, copy);
    }

    // The number of threads belongs to the process, and another engine may have changed it.
    private void Prepare()
    {
        if (get_num_threads() != Settings.Threads)
            set_num_threads(Settings.Threads);

        foreach (var parameter in _parameters.Values)
            parameter.Refresh();
    }

    private void Load(ReadOnlySpan<float> images, ReadOnlySpan<int> labels)
    {
        images.CopyTo(MemoryMarshal.Cast<byte, float>(_images.bytes));
        var target = MemoryMarshal.Cast<byte, long>(_labels.bytes);
        for (int i = 0; i < labels.Length; i++)
            target[i] = labels[i];
    }

    private Tensor Images(int count)
    {
        var images = _images.narrow(0, 0, count).to(_device);
        return Settings.ChannelsLast ? Layouts.ChannelsLast(images) : images;
    }

    // Logits of a network that ends with a pooling are images of one pixel.
    private static Tensor Logits(Tensor value) => value.dim() == 2 ? value : value.flatten(1);

    private TorchParameter Find(string name) =>
        _parameters.TryGetValue(name, out var parameter) ? parameter : throw new KeyNotFoundException($"No parameter '{name}'.");

    private static void RequireLength(string parameter, int found, int expected)
    {
        if (found != expected)
            throw new ArgumentException(FormattableString.Invariant($"'{parameter}' has {expected} values, found {found}."));
    }
}

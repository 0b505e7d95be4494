using System.Diagnostics;
using Subp.Core.Graphs;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Engines.Embedded.Operations;
using Subp.Training.Sparsification;

namespace Subp.Training.Engines.Embedded;

/// <summary>
/// The managed training engine: float32 on the vector units of the CPU, no native library. Results are the same bits for the
/// same instruction set, whatever the number of threads.
/// </summary>
public sealed class EmbeddedEngine : ITrainingEngine
{
    private readonly WorkerTeam _team;
    private readonly TrainedNetwork _network;
    private readonly EngineProgram _program;
    private readonly SoftmaxCrossEntropy _loss;
    private readonly BatchContext _batch;
    private readonly Dictionary<string, (BlockGrid Grid, BlockMask Mask)> _masks = new(StringComparer.Ordinal);
    private readonly double _peakPerThread;
    private long _forwardImages;
    private long _backwardImages;

    /// <summary>Builds an engine.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be trained.</exception>
    public EmbeddedEngine(EngineRequest request)
        : this(request, MicroKernel.Best) { }

    /// <summary>As above, with a micro kernel other than the best of this machine.</summary>
    internal EmbeddedEngine(EngineRequest request, MicroKernel kernel)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchCapacity);
        Settings = request.Settings;
        BatchCapacity = request.BatchCapacity;
        _network = new TrainedNetwork(request.Graph, isRounded: request.Rounding is not null);
        _program = new EngineProgram(_network, request.BatchCapacity, kernel);
        _team = new WorkerTeam(request.Settings.Threads);
        _batch = new BatchContext(_team, kernel) { Rounding = request.Rounding };
        _loss = new SoftmaxCrossEntropy(_program.Logits);
        foreach (var parameter in request.Graph.Parameters.Where(parameter => _program.Parameters.ContainsKey(parameter.Name)))
            SetValues(parameter.Name, request.Weights[parameter.Name].Values);

        GradientOrder = [.. Enumerable.Reverse(_program.Operations).SelectMany(operation => operation.Parameters).Select(p => p.Name)];
        _peakPerThread = FmaPeak.MeasureFlopsPerSecond();
    }

    /// <inheritdoc/>
    public string Name => EmbeddedProvider.EngineName;

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"embedded/{_batch.Kernel.Name}/{_team.Workers} threads");

    /// <inheritdoc/>
    public EngineSettings Settings { get; }

    /// <inheritdoc/>
    public Graph Graph => _network.Graph;

    /// <inheritdoc/>
    public int BatchCapacity { get; }

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
        _batch.PrunedWeightsLearn = !settings.MasksAreFinal;
        var result = ComputeGradients(images, labels, settings.LabelSmoothing);
        _batch.PrunedWeightsLearn = true;
        foreach (var (name, (grid, mask)) in _masks)
        {
            var parameter = _program.Parameters[name];
            StraightThrough.AddSparseRefinement(parameter.Values, parameter.Gradient, grid, mask, settings.SparseRefinement);
        }

        foreach (var parameter in _program.Parameters.Values.Where(parameter => parameter.IsTrained))
            MomentumSgd.Step(parameter, settings);

        return result;
    }

    /// <inheritdoc/>
    public StepResult ComputeGradients(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float labelSmoothing)
    {
        _network.RequireLabels(labels);
        Forward(images, labels.Length, training: true);
        _program.ResetGradients();
        var result = _loss.Run(labels, labelSmoothing, Teacher);
        for (int i = _program.Operations.Count - 1; i >= 0; i--)
        {
            var operation = _program.Operations[i];
            long start = Stopwatch.GetTimestamp();
            operation.Backward(_batch);
            operation.BackwardTicks += Stopwatch.GetTimestamp() - start;
            foreach (var parameter in operation.Parameters)
                GradientExchange?.Send(parameter.Name, parameter.Gradient);
        }

        foreach (string name in GradientExchange is null ? [] : GradientOrder)
            GradientExchange!.Receive(name, _program.Parameters[name].Gradient);

        _backwardImages += labels.Length;
        return result;
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<float> images, int count, Span<float> outputs)
    {
        _network.RequireOutputs(outputs.Length, count);
        Forward(images, count, training: false);
        if (_network.EndsWithSoftmax)
        {
            _loss.Probabilities(count, outputs);
            return;
        }

        unsafe
        {
            _program.Logits.Store(_program.Logits.Values, outputs, count);
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(string parameter) => Find(parameter).Values;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Gradient(string parameter) => Find(parameter).Gradient;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Momentum(string parameter) => Find(parameter).Momentum;

    /// <inheritdoc/>
    public void SetValues(string parameter, ReadOnlySpan<float> values) => Copy(parameter, values, Find(parameter).Values);

    /// <inheritdoc/>
    public void SetMomentum(string parameter, ReadOnlySpan<float> values) => Copy(parameter, values, Find(parameter).Momentum);

    /// <inheritdoc/>
    public void SetMask(string parameter, BlockGrid grid, BlockMask mask)
    {
        var target = Find(parameter);
        grid.RequireWeights(target.Values.Length, nameof(grid));
        target.SetMask(grid, mask);
        _masks[parameter] = (grid, mask);
    }

    /// <inheritdoc/>
    public byte[] SaveRandomState() => [];

    /// <inheritdoc/>
    public void RestoreRandomState(ReadOnlySpan<byte> state)
    {
        if (!state.IsEmpty)
            throw new ArgumentException("The embedded engine draws no random numbers.", nameof(state));
    }

    /// <inheritdoc/>
    public EngineProfile TakeProfile()
    {
        var layers = new List<LayerProfile>();
        foreach (var operation in _program.Operations)
        {
            double work = 2.0 * operation.MultiplyAddsPerImage;
            string kind = operation.GetType().Name.Replace("Operation", string.Empty, StringComparison.Ordinal);
            layers.Add(
                new LayerProfile(
                    operation.Name,
                    kind,
                    operation.ForwardTicks / (double)Stopwatch.Frequency,
                    operation.BackwardTicks / (double)Stopwatch.Frequency,
                    work * _forwardImages,
                    work * operation.BackwardFactor * _backwardImages
                )
            );
            operation.ForwardTicks = 0;
            operation.BackwardTicks = 0;
        }

        _forwardImages = 0;
        _backwardImages = 0;
        return new EngineProfile(layers, _peakPerThread * _team.Workers, _team.Workers);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team.Dispose();
        _loss.Dispose();
        _program.Dispose();
    }

    private void Forward(ReadOnlySpan<float> images, int count, bool training)
    {
        _network.RequireImages(images.Length, count, BatchCapacity);
        _batch.Images = count;
        _batch.Pass = training ? PassKind.Training : PassKind.Evaluation;
        _program.Input.Load(images, count);
        foreach (var operation in _program.Operations)
        {
            long start = Stopwatch.GetTimestamp();
            operation.Forward(_batch);
            operation.ForwardTicks += Stopwatch.GetTimestamp() - start;
        }

        _forwardImages += count;
    }

    private TrainedParameter Find(string name) =>
        _program.Parameters.TryGetValue(name, out var parameter) ? parameter : throw new KeyNotFoundException($"No parameter '{name}'.");

    private static void Copy(string parameter, ReadOnlySpan<float> values, float[] target)
    {
        if (values.Length != target.Length)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"'{parameter}' has {target.Length} values, found {values.Length}."),
                nameof(values)
            );
        }

        values.CopyTo(target);
    }
}

using Subp.Core.Graphs;
using Subp.Training.Engines;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Runs;

/// <summary>An engine under another name.</summary>
internal sealed class RenamedEngine(ITrainingEngine engine) : ITrainingEngine
{
    public string Name => "another";

    public string Description => engine.Description;

    public EngineSettings Settings => engine.Settings;

    public Graph Graph => engine.Graph;

    public int BatchCapacity => engine.BatchCapacity;

    public IReadOnlyList<string> GradientOrder => engine.GradientOrder;

    public IGradientExchange? GradientExchange
    {
        get => engine.GradientExchange;
        set => engine.GradientExchange = value;
    }

    public TeacherAnswers? Teacher
    {
        get => engine.Teacher;
        set => engine.Teacher = value;
    }

    public StepResult Train(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, StepSettings settings) =>
        engine.Train(images, labels, settings);

    public StepResult ComputeGradients(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float labelSmoothing) =>
        engine.ComputeGradients(images, labels, labelSmoothing);

    public void Predict(ReadOnlySpan<float> images, int count, Span<float> outputs) => engine.Predict(images, count, outputs);

    public ReadOnlySpan<float> Values(string parameter) => engine.Values(parameter);

    public ReadOnlySpan<float> Gradient(string parameter) => engine.Gradient(parameter);

    public ReadOnlySpan<float> Momentum(string parameter) => engine.Momentum(parameter);

    public void SetValues(string parameter, ReadOnlySpan<float> values) => engine.SetValues(parameter, values);

    public void SetMomentum(string parameter, ReadOnlySpan<float> values) => engine.SetMomentum(parameter, values);

    public void SetMask(string parameter, BlockGrid grid, BlockMask mask) => engine.SetMask(parameter, grid, mask);

    public byte[] SaveRandomState() => engine.SaveRandomState();

    public void RestoreRandomState(ReadOnlySpan<byte> state) => engine.RestoreRandomState(state);

    public EngineProfile TakeProfile() => engine.TakeProfile();

    public void Dispose() => engine.Dispose();
}

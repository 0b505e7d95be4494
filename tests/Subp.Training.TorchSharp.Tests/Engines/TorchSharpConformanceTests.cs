using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Distributed.Mpi;
using Subp.Training.Engines;
using Subp.Training.Tests.Distributed;
using Subp.Training.Tests.Engines;
using Subp.Training.Tests.Runs;

// The number of threads and the count of live tensors belong to the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Subp.Training.TorchSharp.Tests.Engines;

public sealed class TorchSharpEngineConformanceTests : EngineConformance
{
    protected override ITrainingEngineProvider Provider { get; } = new TorchSharpProvider();

    protected override bool ComputesRight => !HiddenCaches.AreHere;

    protected override float PredictionTolerance => 1e-5f;

    [Fact]
    public void Gates_padding_and_shuffles_agree_with_finite_differences()
    {
        var builder = new GraphBuilder("gates");
        string x = builder.Input("x", new TensorShape(1, 3, 7, 6));
        x = builder.Node("padded", new Pad { Padding = new Padding(1, 0, 2, 1), Value = 0.5f }, x);
        x = builder.Conv2d("c0", x, 12, Window.Square(3), bias: true, activation: Activation.Silu);
        x = builder.Node("shuffled", new ChannelShuffle { Groups = 3 }, x);
        string pooled = builder.Node("squeeze", new GlobalAveragePool(), x);
        string gate = builder.Conv2d("gate", pooled, 12, Window.Square(1), bias: true, activation: Activation.HardSigmoid());
        x = builder.Node("scaled", new Mul { Activation = Activation.HardSwish }, x, gate);
        x = builder.Node("sigmoid", new Activate { Activation = Activation.Sigmoid }, builder.Node("squared", new Mul(), x, x));
        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x)), 5));
        AssertFiniteDifferences(builder.Build());
    }
}

public sealed class TorchSharpRecordedStepsTests : RecordedSteps
{
    protected override ITrainingEngineProvider Provider { get; } = new TorchSharpProvider();
}

public sealed class TorchSharpGradientExchangeTests : GradientExchangeConformance
{
    protected override ITrainingEngineProvider Provider { get; } = new TorchSharpProvider();
}

public sealed class TorchSharpTrainerTests : TrainerConformance
{
    protected override ITrainingEngineProvider Provider { get; } = new TorchSharpProvider();
}

public sealed class TorchSharpDataParallelTests : DataParallelConformance
{
    protected override ITrainingEngineProvider Provider { get; } = new TorchSharpProvider();

    protected override bool ComputesRight => !HiddenCaches.AreHere;

    protected override Action<string> PrintLosses => PrintLossesUnderMpi;

    private static void PrintLossesUnderMpi(string argument)
    {
        using var group = MpiLaunch.Join();
        new TorchSharpDataParallelTests().PrintLossesOfRank0(group);
    }
}

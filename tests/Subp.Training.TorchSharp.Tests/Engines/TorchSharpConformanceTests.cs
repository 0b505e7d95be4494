using Subp.Training.Engines;
using Subp.Training.Tests.Engines;
using Subp.Training.Tests.Runs;

// The number of threads and the count of live tensors belong to the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Subp.Training.TorchSharp.Tests.Engines;

public sealed class TorchSharpEngineConformanceTests : EngineConformance
{
    protected override ITrainingEngineProvider Provider { get; } = new TorchSharpProvider();

    protected override float PredictionTolerance => 1e-5f;
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

using Subp.Core.Diagnostics;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Tests.Runs;

namespace Subp.Training.Tests.Engines;

public sealed class EmbeddedRecordedStepsTests : RecordedSteps
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;
}

public sealed class EmbeddedGradientExchangeTests : GradientExchangeConformance
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;
}

public sealed class EmbeddedTrainerTests : TrainerConformance
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;
}

public class EmbeddedProviderTests
{
    [Theory]
    [InlineData("cuda", false, false, "SUBP0522")]
    [InlineData("cpu", true, false, "SUBP0525")]
    [InlineData("cpu", false, true, "SUBP0525")]
    public void What_only_another_engine_has_is_refused(string device, bool tensorFloat32, bool channelsLast, string id)
    {
        var graph = TestNetworks.All["plain"]();
        var settings = new EngineSettings
        {
            Device = device,
            AllowTensorFloat32 = tensorFloat32,
            ChannelsLast = channelsLast,
        };
        var request = new EngineRequest(graph, TestNetworks.Data(graph, 1).Weights, 1, settings);

        Assert.Equal(id, Assert.Throws<SubpException>(() => EmbeddedProvider.Instance.Create(request)).Diagnostic.Descriptor.Id);
    }
}

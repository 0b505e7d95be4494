using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;

namespace Subp.Training.Tests.Distributed;

public sealed class EmbeddedDataParallelTests : DataParallelConformance
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;
}

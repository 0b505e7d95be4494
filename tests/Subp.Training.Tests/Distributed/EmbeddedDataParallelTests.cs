using Subp.Training.Distributed.Mpi;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;

namespace Subp.Training.Tests.Distributed;

public sealed class EmbeddedDataParallelTests : DataParallelConformance
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;

    protected override Action<string> PrintLosses => PrintLossesUnderMpi;

    private static void PrintLossesUnderMpi(string argument)
    {
        using var group = MpiLaunch.Join();
        new EmbeddedDataParallelTests().PrintLossesOfRank0(group);
    }
}

using Subp.Compiler.Planning;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>Replays a schedule float by float: between two meetings no thread may touch what another one writes.</summary>
internal static class ScheduleReplay
{
    private const int Several = -1;

    /// <summary>Fails at the first float that two threads touch without a meeting between, one of them writing.</summary>
    public static void Check(ModelPlan plan, Schedule schedule)
    {
        // For each float the thread that wrote or read it since the last meeting, plus one.
        var (writers, readers) = (new int[plan.ArenaLength], new int[plan.ArenaLength]);
        foreach (var layer in plan.Layers)
        {
            for (var thread = 0; thread < schedule.Threads; thread++)
            {
                var me = thread + 1;
                var touches = new TaskTouches(
                    place =>
                    {
                        Require(writers[place] == 0 || writers[place] == me, place, "reads", "wrote");
                        readers[place] = readers[place] == 0 || readers[place] == me ? me : Several;
                    },
                    place =>
                    {
                        Require(writers[place] == 0 || writers[place] == me, place, "writes", "wrote");
                        Require(readers[place] == 0 || readers[place] == me, place, "writes", "read");
                        writers[place] = me;
                    }
                );
                foreach (var range in schedule.Work[layer.Index][thread])
                    touches.Visit(layer, range);
            }

            if (schedule.BarrierAfter[layer.Index])
            {
                Array.Clear(writers);
                Array.Clear(readers);
            }

            void Require(bool holds, int place, string does, string did)
            {
                if (!holds)
                    Assert.Fail(
                        $"{plan.Graph.Name}, {schedule.Threads} threads: '{layer.Node.Name}' {does} float {place}, which another thread "
                            + $"{did} since the last meeting."
                    );
            }
        }
    }
}

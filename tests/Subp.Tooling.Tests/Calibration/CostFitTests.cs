using Subp.Compiler.Planning.Costs;
using Subp.Tooling.Calibration;
using Subp.Training.Numerics;

namespace Subp.Tooling.Tests.Calibration;

public sealed class CostFitTests
{
    private static readonly Dictionary<string, double> s_known = new()
    {
        ["add"] = 2,
        ["move"] = 5,
        ["never"] = 7,
    };

    [Fact]
    public void Cycles_that_made_the_times_are_found_again()
    {
        var cycles = CostFit.Of(s_known, Layers(add: 6, move: 1, outlier: 1));
        Assert.Equal(6, cycles["add"], tolerance: 0.1);
        Assert.Equal(1, cycles["move"], tolerance: 0.1);
        Assert.InRange(CostFit.MeanError(cycles, Layers(6, 1, 1)), 0, 0.02);
    }

    [Fact]
    public void One_layer_that_was_interrupted_moves_little()
    {
        var cycles = CostFit.Of(s_known, Layers(add: 6, move: 1, outlier: 30));
        Assert.Equal(6, cycles["add"], tolerance: 0.3);
        Assert.Equal(1, cycles["move"], tolerance: 0.3);
    }

    [Fact]
    public void What_no_layer_does_is_scaled_like_the_rest_and_nothing_becomes_free()
    {
        var cycles = CostFit.Of(s_known, Layers(add: 6, move: 0, outlier: 1));
        Assert.InRange(cycles["never"], 0.5, 50);
        Assert.All(cycles.Values, value => Assert.True(value > 0));
    }

    private static MeasuredWork[] Layers(double add, double move, double outlier)
    {
        var random = new DeterministicRandom(3);
        return
        [
            .. Enumerable
                .Range(0, 40)
                .Select(layer =>
                {
                    var (adds, moves) = (10 + (random.NextDouble() * 1000), 10 + (random.NextDouble() * 1000));
                    WorkItem[] work = [new("add", adds), new("move", moves)];
                    return new MeasuredWork(work, ((adds * add) + (moves * move)) * (layer == 7 ? outlier : 1));
                }),
        ];
    }
}

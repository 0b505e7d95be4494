using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines.Embedded;
using Subp.Training.Numerics;
using Subp.Training.Tests.Engines;

namespace Subp.Training.Tests.Synthesis;

/// <summary>The gradient of images against finite differences of the definition, in double.</summary>
public sealed class StatisticsMatchingTests
{
    private const int Images = 3;
    private const float Share = 0.3f;

    public static TheoryData<string, string> Networks()
    {
        var cases = new TheoryData<string, string>();
        foreach (var name in TestNetworks.Small)
        {
            if (!TestNetworks.All[name]().Nodes.Any(node => node.Operator is BatchNorm))
                continue;
            foreach (var kernel in new[] { "avx512", "avx2", "portable" })
                cases.Add(name, kernel);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Distance_and_gradient_agree_with_finite_differences(string network, string kernelName)
    {
        if (Kernels.Find(kernelName) is not { } kernel)
            return;
        var graph = TestNetworks.All[network]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        var gradient = new float[images.Length];
        using var matching = new StatisticsMatching(new Model(graph, weights), Images + 1, threads: 2, kernel);
        var (distance, loss) = matching.Run(images, labels, Share, gradient);

        var exact = weights.Names.ToDictionary(name => name, name => weights[name].Values.Select(value => (double)value).ToArray());
        var oracle = new DoubleNetwork(graph, exact);
        double[] wide = [.. images.Select(value => (double)value)];
        Assert.Equal(oracle.Match(wide, labels).Distance, distance, 1e-4 * distance);
        Assert.Equal(oracle.Match(wide, labels).CrossEntropy, loss, 1e-5);

        double Total()
        {
            var (statistics, classes) = oracle.Match(wide, labels);
            return statistics + (Share * classes);
        }

        var random = new DeterministicRandom(7);
        for (var sample = 0; sample < 12; sample++)
        {
            var index = random.NextInt32(wide.Length);
            var value = wide[index];
            wide[index] = value + 1e-5;
            var above = Total();
            wide[index] = value - 1e-5;
            var below = Total();
            wide[index] = value;
            var difference = (above - below) / 2e-5;
            Assert.True(
                Math.Abs(difference - gradient[index]) < 2e-5 + (2e-3 * Math.Abs(difference)),
                $"pixel {index}: {difference} against {gradient[index]}"
            );
        }
    }

    [Fact]
    public void Neither_weights_nor_stored_statistics_move_and_threads_do_not_matter()
    {
        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        float[][] gradients = [new float[images.Length], new float[images.Length], new float[images.Length]];
        using var alone = new StatisticsMatching(new Model(graph, weights), Images, threads: 1);
        using var several = new StatisticsMatching(new Model(graph, weights), Images, threads: 3);
        alone.Run(images, labels, Share, gradients[0]);
        alone.Run(images, labels, Share, gradients[1]);
        several.Run(images, labels, Share, gradients[2]);
        Assert.Equal(gradients[0], gradients[1]);
        Assert.Equal(gradients[0], gradients[2]);
    }
}

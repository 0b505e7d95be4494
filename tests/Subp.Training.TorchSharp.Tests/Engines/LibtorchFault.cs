using Subp.Training.Engines;
using Subp.Training.Tests.Distributed;
using Subp.Training.Tests.Engines;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>
/// Whether libtorch computes the gradient of a convolution's input right on this machine. On a virtual machine with Zen 5 cores version
/// 2.10 is wrong by half of the largest value where 3 x 3 taps read 3 or 5 channels whose pixels lie plane by plane, and differently from
/// one run to the next; output and weights are right. Tests that compare values of such networks are skipped there, with this as the
/// reason.
/// </summary>
internal static class LibtorchFault
{
    private const double Tolerance = 1e-4;
    private const int Runs = 8;

    private static readonly Lazy<string?> s_found = new(Find);

    /// <summary>What is wrong, or null.</summary>
    public static string? Found => s_found.Value;

    private static string? Find()
    {
        // The engine knows how to load the library.
        var graph = TestNetworks.All.Values.First()();
        var (weights, _, _) = TestNetworks.Data(graph, 1);
        using var engine = new TorchSharpProvider().Create(new EngineRequest(graph, weights, 1, new EngineSettings { Threads = 2 }));
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        foreach (var channels in new[] { 3, 5 })
        {
            var pixels = randn([5, channels, 9, 9], float64, generator: random);
            var taps = randn([8, channels, 3, 3], float64, generator: random);
            var right = InputGradient(pixels, taps);
            for (var run = 0; run < Runs; run++)
            {
                var found = InputGradient(pixels.to(float32), taps.to(float32)).to(float64);
                // A NaN is no difference that is small.
                var difference = ((found - right).abs().max() / right.abs().max()).item<double>();
                if (!(difference <= Tolerance))
                    return FormattableString.Invariant(
                        $"libtorch computes wrongly here: the input gradient of 3x3 taps over {channels} channels is {difference:0.00} off."
                    );
            }
        }

        return null;
    }

    private static Tensor InputGradient(Tensor pixels, Tensor taps)
    {
        var input = pixels.detach().requires_grad_(true);
        nn.functional.conv2d(input, taps, padding: [1L, 1L]).square().sum().backward();
        return input.grad!;
    }
}

/// <summary>A test that is skipped where libtorch computes wrongly.</summary>
internal sealed class FactOfValuesAttribute : FactAttribute
{
    public FactOfValuesAttribute() => Skip = LibtorchFault.Found;
}

/// <summary>A test with data that is skipped where libtorch computes wrongly.</summary>
internal sealed class TheoryOfValuesAttribute : TheoryAttribute
{
    public TheoryOfValuesAttribute() => Skip = LibtorchFault.Found;
}

/// <summary>The same of a test that needs mpirun.</summary>
internal sealed class FactOfValuesWithMpiAttribute : FactAttribute
{
    public FactOfValuesWithMpiAttribute() => Skip = new FactWithMpiAttribute().Skip ?? LibtorchFault.Found;
}

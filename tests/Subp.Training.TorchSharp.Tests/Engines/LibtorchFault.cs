using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Tests.Distributed;
using Subp.Training.Tests.Engines;
using Subp.Training.TorchSharp.Checks;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>
/// Whether libtorch computes the gradient of a convolution's input right on this machine, as the engine looks at it. On a virtual machine
/// with Zen 5 cores version 2.10 is wrong by half of the largest value where 3 x 3 taps read 3 or 5 channels whose pixels lie plane by
/// plane, and differently from one run to the next; output and weights are right. Tests that compare values are skipped there, with this
/// as the reason; the others take the engine without its check.
/// </summary>
internal static class LibtorchFault
{
    private static readonly Lazy<string?> s_found = new(Find);

    /// <summary>What is wrong, or null.</summary>
    public static string? Found => s_found.Value;

    /// <summary>The engine, without its check where it would be refused.</summary>
    public static TorchSharpProvider Provider => Found is null ? new TorchSharpProvider() : new TorchSharpProvider { Gradient = Right };

    /// <summary>A network with an inner layer of some input channels.</summary>
    public static Graph Narrow(int channels)
    {
        var builder = new GraphBuilder("narrow");
        string x = builder.Conv2d("first", builder.Input("x", new TensorShape(1, 1, 9, 9)), channels, Window.Square(3, 1, 1));
        x = builder.Conv2d("second", x, 8, Window.Square(3, 1, 1));
        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x)), 2));
        return builder.Build();
    }

    /// <summary>The gradient by the definition.</summary>
    public static float[] Right(ConvolutionProbe probe, float[] weights, float[] outputGradient)
    {
        var planes =
            from image in Enumerable.Range(0, probe.Images)
            from channel in Enumerable.Range(0, probe.Inputs)
            select probe.Expected(image, channel, weights, outputGradient);
        return [.. planes.SelectMany(plane => plane).Select(value => (float)value)];
    }

    private static string? Find()
    {
        try
        {
            foreach (var graph in TestNetworks.All.Values.Select(network => network()).Concat([Narrow(3), Narrow(5)]))
            {
                var request = new EngineRequest(graph, WeightInitializer.Initialize(graph, 1), 5, new EngineSettings { Threads = 2 });
                using var engine = new TorchSharpProvider().Create(request);
            }

            return null;
        }
        catch (SubpException exception) when (exception.Diagnostic.Descriptor == DiagnosticDescriptors.GradientWrong)
        {
            return exception.Message;
        }
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

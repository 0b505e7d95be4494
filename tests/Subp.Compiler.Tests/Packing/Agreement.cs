using Subp.Compiler.Packing;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Packing;

/// <summary>Runs a packing pass and requires the network to compute what it computed before.</summary>
internal static class Agreement
{
    /// <summary>The network after the pass, which must differ in structure or weights, be valid and give the same outputs.</summary>
    public static Model After(PackingPass pass, Model before)
    {
        var after = pass.Run(before);
        Assert.NotSame(before, after);
        GraphVerifier.Verify(after.Graph);
        // Writing a bundle checks that every weight fits its parameter and is zero outside its pattern.
        _ = ModelBundle.Write(after);
        var (expected, actual) = (Outputs(before), Outputs(after));
        var largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - (1e-5 * largest), pair.First + (1e-5 * largest)));
        return after;
    }

    private static double[] Outputs(Model model)
    {
        var inputs = model.Graph.Inputs.ToDictionary(input => input.Name, input => RandomWeights.Input(input.Shape, 3));
        var values = new ReferenceInterpreter(model).RunAll(inputs);
        return [.. model.Graph.Outputs.SelectMany(output => values[output])];
    }
}

using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Infinities and NaN arrive exactly where the reference interpreter has them, on every instruction set and thread count; beyond that only
/// where kernels are documented to spread them, and there nothing that is NaN by definition may become a number.
/// </summary>
public sealed class SpecialValueTests
{
    private const float Tolerance = 1e-5f;

    public static TheoryData<string> CaseNames => [.. SpecialValueCases.All().Select(kernelCase => kernelCase.Name)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Special_values_arrive_where_the_reference_has_them(string name)
    {
        InstructionEmulation.SwitchOn();
        var kernelCase = SpecialValueCases.All().Single(candidate => candidate.Name == name);
        var packed = PassPipeline.Pack(kernelCase.Model);
        var plan = ModelPlanner.Plan(
            packed.Graph,
            new CompileOptions
            {
                Unroll = kernelCase.Unroll,
                Hints = kernelCase.Hints,
                ThreadCounts = kernelCase.ThreadCounts,
            }
        );
        var transformed =
            name is "winograd4x4" or "pooled-stems" ? 2
            : name.StartsWith("winograd", StringComparison.Ordinal) ? 4
            : 0;
        Assert.Equal(transformed, plan.Layers.OfType<WinogradPlan>().Count());
        var assembly = ModelAssemblyCompiler.Compile(
            InstructionEmulation.Prepare(ModelEmitter.Emit(plan)),
            ModelBundle.Write(packed).Safetensors,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors"
        );
        using var model = LoadedModel.Load(assembly);
        var (nan, infinite, finite) = (0, 0, 0);
        for (var seed = 1; seed <= 4; seed++)
        {
            var input = SpecialValues.Input(
                plan.InputShape,
                seed,
                name == "softmax" ? 20 : 150,
                SpecialValueCases.WithLargest.Contains(name)
            );
            var expected = Reference(packed, input);
            var (spread, certain) = Spread(packed, plan, input);
            foreach (var set in model.InstructionSets)
            {
                foreach (var threads in model.SupportedThreadCounts)
                {
                    using var session = model.CreateSession(threads, set);
                    var output = new float[expected.Length];
                    session.Run(input, output);
                    Compare(
                        $"{name}, seed {seed}, {InstructionEmulation.Describe(set)}, {threads} threads",
                        expected,
                        output,
                        spread,
                        certain
                    );
                }
            }

            nan += expected.Count(float.IsNaN);
            infinite += expected.Count(float.IsInfinity);
            finite += expected.Zip(spread).Count(pair => float.IsFinite(pair.First) && !pair.Second);
        }

        Assert.True(nan > 10 && finite > 100, $"{nan} NaN and {finite} numbers prove little.");
        Assert.True(infinite > 0 || name is "softmax", "No infinity came through.");
    }

    private static void Compare(string run, float[] expected, float[] found, bool[] spread, bool[] certain)
    {
        var largest = expected.Where(value => float.IsFinite(value) && Math.Abs(value) < 1e30f).Max(Math.Abs);
        for (var index = 0; index < expected.Length; index++)
        {
            var (wanted, got) = (expected[index], found[index]);
            var agrees =
                spread[index] ? !certain[index] || float.IsNaN(got)
                : float.IsFinite(wanted) ? Math.Abs(wanted - got) <= Tolerance * Math.Max(largest, Math.Abs(wanted))
                : wanted.Equals(got);
            if (!agrees)
                Assert.Fail($"{run}: output {index} is {got}, expected {wanted}{(spread[index] ? ", in a tile that spreads" : "")}.");
        }
    }

    /// <summary>
    /// For each output whether it is one of a layer that may spread a special value, and reached by one; and whether a NaN reaches it by
    /// definition.
    /// </summary>
    private static (bool[] Spread, bool[] Certain) Spread(Model packed, ModelPlan plan, float[] input)
    {
        var isSpecial = Array.ConvertAll(input, value => !float.IsFinite(value));
        var reached = plan
            .Layers.Where(ValueSpread.MayHappen)
            .ToDictionary(layer => layer.Node.Name, layer => ValueSpread.Reached(layer, isSpecial), StringComparer.Ordinal);
        var spread = new bool[plan.OutputShape.ElementCount];
        if (reached.Count > 0)
        {
            var join = packed.Graph.Nodes.Single(node => node.Operator is Concat);
            var (image, pixels) = (
                plan.OutputShape.ElementCount / plan.OutputShape.Batch,
                plan.OutputShape.Height * plan.OutputShape.Width
            );
            var first = 0;
            foreach (var branch in join.Inputs)
            {
                var length = packed.Graph.ShapeOf(branch).Channels * pixels;
                // Fusion moved the layer into its branch and gave it the name of the last node, or kept that of the first.
                if (BranchLayers(packed.Graph, branch).FirstOrDefault(reached.ContainsKey) is { } layer)
                {
                    for (var batch = 0; batch < plan.OutputShape.Batch; batch++)
                        Array.Copy(reached[layer], batch * length, spread, (batch * image) + first, length);
                }

                first += length;
            }

            Assert.Contains(true, spread);
        }

        var onlyNaN = Array.ConvertAll(input, value => float.IsInfinity(value) ? 0 : value);
        return (spread, Array.ConvertAll(Reference(packed, onlyNaN), float.IsNaN));
    }

    private static IEnumerable<string> BranchLayers(Graph graph, string branch)
    {
        for (var node = graph.FindNode(branch); node is not null; node = graph.FindNode(node.Inputs[0]))
            yield return node.Name;
    }

    private static float[] Reference(Model model, float[] input)
    {
        var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}

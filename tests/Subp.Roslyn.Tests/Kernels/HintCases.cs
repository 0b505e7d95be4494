using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Kernels that hints ask for and the planner would not choose: other tiles, forms, loops and transforms of the same layers.
/// </summary>
internal static class HintCases
{
    private static readonly Window Same = Window.Square(3, padding: 1);

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            Case(
                "hints-tiles",
                PlanHints
                    .Create()
                    .Add("first", "tile.avx512", "3x5")
                    .Add("first", "tile.avx2", "3x1")
                    .Add("first", "tile.portable", "1x2")
                    .Add("second", "form", "table")
                    .Add("second", "tile", "1x2")
                    .Add("second", "loop", "bands")
                    .Add("strided", "tile", "2x2")
                    .Add("strided", "loop", "groups")
                    .Add("pointwise", "tile.avx512", "2x6")
                    .Add("pointwise", "loop", "bands")
            ),
            Case(
                "hints-forms",
                PlanHints
                    .Create()
                    .Add("first", "form", "line")
                    .Add("second", "form", "line")
                    .Add("second", "tile", "1x3")
                    .Add("strided", "form", "table")
                    .Add("pointwise", "form", "line")
            ),
            Case(
                "hints-winograd",
                PlanHints
                    .Create()
                    .Add("first", "algorithm", "winograd4")
                    .Add("second", "algorithm", "winograd2")
                    .Add("strided", "algorithm", "direct")
            ),
        ];

    private static KernelCase Case(string name, PlanHints.Builder hints) =>
        KernelCase.Of(name, new TensorShape(1, 32, 11, 13), Layers) with
        {
            Hints = hints.Build(),
        };

    /// <summary>
    /// Maps that no tile divides, few enough blocks that the planner would compute everything directly, and a residual that is written
    /// over.
    /// </summary>
    private static string Layers(GraphBuilder builder, string image)
    {
        var first = builder.Conv2d(
            "first",
            image,
            48,
            Same,
            bias: true,
            pattern: DrawnPattern.Uniform(16, 48, 32, 5),
            activation: Activation.Relu
        );
        var second = builder.Conv2d("second", first, 48, Same, bias: true, pattern: DrawnPattern.Uneven(16, 48, 48, 48));
        var sum = builder.Node("sum", new Add { Activation = Activation.Relu }, second, first);
        var strided = builder.Conv2d("strided", sum, 32, Window.Square(3, 2, 1), bias: true, pattern: DrawnPattern.Uniform(32, 32, 48, 9));
        return builder.Conv2d(
            "pointwise",
            strided,
            32,
            Window.Square(1),
            bias: true,
            pattern: DrawnPattern.Uniform(8, 32, 32, 7),
            activation: Activation.Relu6
        );
    }
}

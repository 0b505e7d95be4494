using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Networks that only packing makes ready for the planner: zeros without a declared pattern, blocks too narrow for a kernel, extremes.
/// </summary>
internal static class PackedCases
{
    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() =>
        [
            Undeclared("found-blocks", 32, 64, 16),
            Undeclared("found-narrow-blocks", 12, 10, 2),
            KernelCase.Of(
                "declared-narrow-blocks",
                new TensorShape(1, 6, 5, 6),
                (builder, image) =>
                    builder.Conv2d("conv", image, 12, Window.Square(3, padding: 1), bias: true, pattern: DrawnPattern.Uniform(1, 12, 6, 1))
            ),
            KernelCase.Of(
                "grouped-blocks",
                new TensorShape(1, 16, 5, 6),
                (builder, image) =>
                    builder.Conv2d(
                        "conv",
                        image,
                        32,
                        Window.Square(3, padding: 1),
                        groups: 2,
                        bias: true,
                        pattern: DrawnPattern.Uniform(16, 32, 8, 3)
                    )
            ),
            KernelCase.Of(
                "full-pattern",
                new TensorShape(1, 16, 5, 6),
                (builder, image) =>
                    builder.Conv2d("conv", image, 32, Window.Square(3, padding: 1), bias: true, pattern: BlockPattern.Full(16, 32, 16))
            ),
            KernelCase.Of(
                "empty-pattern",
                new TensorShape(1, 16, 5, 6),
                (builder, image) =>
                    builder.Conv2d(
                        "conv",
                        image,
                        32,
                        Window.Square(3, padding: 1),
                        bias: true,
                        pattern: DrawnPattern.Uniform(16, 32, 16, 0)
                    )
            ),
            KernelCase.Of(
                "huge-kernel",
                new TensorShape(1, 8, 6, 9),
                (builder, image) =>
                    builder.Conv2d(
                        "conv",
                        image,
                        16,
                        Window.Square(11, padding: 5),
                        bias: true,
                        pattern: DrawnPattern.Uniform(16, 16, 8, 2)
                    ),
                UnrollMode.Full
            ),
        ];

    /// <summary>A network whose weights hold whole zero blocks that the graph does not declare.</summary>
    private static KernelCase Undeclared(string name, int inputs, int outputs, int blockLength)
    {
        var known = KernelCase.Of(
            name,
            new TensorShape(1, inputs, 5, 7),
            (builder, image) =>
                builder.Conv2d(
                    "conv",
                    image,
                    outputs,
                    Window.Square(3, padding: 1),
                    bias: true,
                    pattern: DrawnPattern.Uniform(blockLength, outputs, inputs, inputs / 4)
                )
        );
        var graph = known.Model.Graph.WithDenseParameters();
        return known with { Model = known.Model with { Graph = graph } };
    }
}

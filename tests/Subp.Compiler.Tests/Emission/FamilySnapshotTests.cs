using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

/// <summary>
/// The emitted file of one small layer of every family of kernels for dense values, as a user reads it: the same as
/// <see cref="LayerSnapshotTests"/>, for AVX-512 with the portable class cut.
/// </summary>
public sealed class FamilySnapshotTests
{
    private static readonly Activate s_sign = new(Activation.Of(ActivationKind.Sign));

    [Fact]
    public void A_function_of_two_values() =>
        Verify(
            "dense-element",
            [4, 1, 20],
            (builder, x) => builder.Node("layer", new Add { Activation = Activation.Relu }, x, Parameter(builder, 5, 20))
        );

    [Fact]
    public void A_permutation() =>
        Verify(
            "dense-permutation",
            [2, 3, 9, 8],
            (builder, x) => builder.Node("layer", new Transpose { Permutation = new[] { 0, 2, 3, 1 } }, x)
        );

    [Fact]
    public void A_softmax_across_lanes() => Verify("dense-softmax", [5, 7, 21], (builder, x) => builder.Node("layer", new Softmax(), x));

    [Fact]
    public void A_product_of_matrices() =>
        Verify("dense-product", [2, 3, 20], (builder, x) => builder.Node("layer", new MatMul(), x, Parameter(builder, 20, 18)));

    [Fact]
    public void An_interpolation() =>
        Verify(
            "dense-resize",
            [1, 2, 3, 16],
            (builder, x) => builder.Node("layer", new Resize { Sizes = new[] { 1, 2, 5, 16 }, Mode = ResizeMode.Linear }, x)
        );

    [Fact]
    public void A_transposed_convolution() =>
        Verify(
            "dense-transposed",
            [1, 3, 4, 5],
            (builder, x) =>
                builder.Node(
                    "layer",
                    new ConvTranspose2d
                    {
                        Weight = builder.Parameter("weight", new TensorShape(3, 10, 4, 4)),
                        Bias = builder.Parameter("bias", new TensorShape(10)),
                        Window = Window.Square(4, stride: 2, padding: 1),
                        Activation = Activation.Relu,
                    },
                    x
                )
        );

    [Fact]
    public void Tuples_of_computed_indices() =>
        Verify(
            "dense-tuples",
            [3, 4, 5, 2],
            (builder, x) => builder.Node("layer", new TakeTuples { BatchDimensions = 1 }, x, builder.Node("signs", s_sign, x))
        );

    [Fact]
    public void An_element_for_each_computed_index() =>
        Verify(
            "dense-elements",
            [3, 4, 5],
            (builder, x) => builder.Node("layer", new TakeElements { Axis = 1 }, x, builder.Node("signs", s_sign, x))
        );

    [Fact]
    public void Places_of_the_best_elements() =>
        Verify("dense-top", [3, 40, 5], (builder, x) => builder.Node("layer", new TopIndices { Axis = 1, Count = 6 }, x));

    [Fact]
    public void A_recurrence_of_an_lstm() =>
        Verify(
            "dense-lstm",
            [7, 2, 80],
            (builder, x) =>
                builder.Node(
                    "layer",
                    new Recurrence { Kind = RecurrenceKind.Lstm, Weight = builder.Parameter("weight", new TensorShape(80, 20)) },
                    x
                )
        );

    [Fact]
    public void A_recurrence_of_a_gru_that_resets_its_state() =>
        Verify(
            "dense-gru",
            [7, 1, 48],
            (builder, x) =>
                builder.Node(
                    "layer",
                    new Recurrence
                    {
                        Kind = RecurrenceKind.Gru,
                        Weight = builder.Parameter("weight", new TensorShape(48, 16)),
                        IsReverse = true,
                    },
                    x
                )
        );

    private static string Parameter(GraphBuilder builder, params int[] shape) =>
        builder.Node("weights", new Constant { Value = builder.Parameter("values", new TensorShape(shape)) });

    private static void Verify(string name, int[] shape, Func<GraphBuilder, string, string> layers)
    {
        var files = SnapshotNetwork.Emit(new TensorShape(shape), layers, [InstructionSet.Avx512]);
        Snapshot.Verify(SnapshotNetwork.Select(files, part: null, [InstructionSet.Avx512]), name, "cs");
    }
}

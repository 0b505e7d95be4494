using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

/// <summary>
/// The emitted file of one small layer of every kernel family and form, as a user reads it. Emitted code is a product that people read,
/// debug and review. That it computes the right thing is shown by the conformance tests; a snapshot exists so that a person notices when it
/// reads worse, and must be small enough to be read in a review: one layer, one instruction set. That is AVX-512; the portable class, which
/// every network has, is cut. <see cref="DialectSnapshotTests"/> has what the instruction sets differ in. To renew all snapshots:
/// <c>eng/renew-snapshots</c>. The file is long because it is the one list of these layers: each test is a few lines of a network.
/// </summary>
public sealed class LayerSnapshotTests
{
    private static readonly Window s_two = new(new(2, 2), Extent.One, new(1, 1, 0, 0), Extent.One);
    private static readonly Window s_three = Window.Square(3, padding: 1);

    // A network as small as a snapshot would be computed directly.
    private static readonly PlanHints s_winograd = PlanHints.Create().Add("layer", "algorithm", "winograd4").Build();
    private static readonly PlanHints s_smallWinograd = PlanHints.Create().Add("layer", "algorithm", "winograd2").Build();

    [Fact]
    public void A_sparse_convolution_in_straight_line_code() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 1, 3),
                (builder, image) =>
                {
                    var window = new Window(new(1, 3), Extent.One, new(0, 1, 0, 1), Extent.One);
                    var conv = builder.Conv2d(
                        "layer",
                        image,
                        16,
                        window,
                        bias: true,
                        pattern: new BlockPattern(
                            16,
                            16,
                            [
                                [2, 9],
                            ]
                        )
                    );
                    return builder.Node("act", Activate.Relu6, builder.Node("sum", new Add(), conv, image));
                },
                UnrollMode.Full
            ),
            "sparse-line",
            "cs"
        );

    [Fact]
    public void A_sparse_convolution_with_taps_in_code() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 16, 2, 3),
                (builder, image) =>
                    Halo(
                        builder,
                        builder.Conv2d(
                            "layer",
                            image,
                            32,
                            s_two,
                            bias: true,
                            pattern: new BlockPattern(
                                16,
                                16,
                                [
                                    [0, 5],
                                    [7, 12],
                                ]
                            ),
                            activation: Activation.Relu
                        )
                    ),
                UnrollMode.Taps
            ),
            "sparse-taps",
            "cs"
        );

    [Fact]
    public void A_sparse_convolution_in_tables() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 3, 4),
                (builder, image) =>
                    builder.Conv2d(
                        "layer",
                        image,
                        64,
                        s_three,
                        pattern: new BlockPattern(
                            32,
                            16,
                            [
                                [0, 5, 11],
                                [7],
                            ]
                        )
                    ),
                UnrollMode.Never
            ),
            "sparse-table",
            "cs"
        );

    [Fact]
    public void A_sparse_convolution_in_the_Winograd_domain() =>
        Snapshot.Verify(Emit(new TensorShape(1, 16, 13, 12), Winograd, hints: s_winograd), "winograd", "cs");

    [Fact]
    public void The_methods_that_Winograd_layers_share() =>
        Snapshot.Verify(Emit(new TensorShape(1, 16, 13, 12), Winograd, file: "Winograd", hints: s_smallWinograd), "winograd-shared", "cs");

    [Fact]
    public void A_sparse_linear_layer() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 16),
                (builder, features) =>
                    builder.Linear(
                        "layer",
                        features,
                        24,
                        new BlockPattern(
                            8,
                            16,
                            [
                                [0, 5],
                                [7, 12],
                                [1, 15],
                            ]
                        )
                    )
            ),
            "sparse-linear",
            "cs"
        );

    [Fact]
    public void A_dense_stem() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 2, 3, 4),
                (builder, image) =>
                    builder.Conv2d("layer", image, 16, s_two with { Stride = new(2, 2) }, bias: true, activation: Activation.Relu)
            ),
            "dense-stem",
            "cs"
        );

    [Fact]
    public void A_grouped_convolution() =>
        Snapshot.Verify(
            Emit(new TensorShape(1, 8, 3, 4), (builder, image) => builder.Conv2d("layer", image, 24, Window.Square(1), groups: 2)),
            "grouped",
            "cs"
        );

    [Fact]
    public void A_depthwise_convolution() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 3, 5),
                (builder, image) => builder.Conv2d("layer", image, 16, s_two, groups: 16, bias: true, activation: Activation.Relu6)
            ),
            "depthwise",
            "cs"
        );

    [Fact]
    public void A_maximum_pool() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 16, 5, 5),
                (builder, image) =>
                    Halo(builder, builder.Node("layer", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, image))
            ),
            "max-pool",
            "cs"
        );

    [Fact]
    public void An_average_pool() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 4, 4),
                (builder, image) => builder.Node("layer", new Pool2d { Kind = PoolKind.Average, Window = Window.Square(2, 2) }, image)
            ),
            "average-pool",
            "cs"
        );

    [Fact]
    public void A_global_pool() =>
        Snapshot.Verify(
            Emit(new TensorShape(1, 20, 3, 5), (builder, image) => builder.Node("layer", new GlobalAveragePool(), image)),
            "global-pool",
            "cs"
        );

    [Fact]
    public void A_dense_linear_layer() =>
        Snapshot.Verify(
            Emit(new TensorShape(2, 18), (builder, features) => builder.Node("act", Activate.Relu, builder.Linear("layer", features, 10))),
            "linear",
            "cs"
        );

    [Fact]
    public void A_softmax() =>
        Snapshot.Verify(
            Emit(new TensorShape(2, 10), (builder, features) => builder.Node("layer", new Softmax(), features)),
            "softmax",
            "cs"
        );

    [Fact]
    public void An_addition() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 3, 4),
                (builder, image) => Halo(builder, builder.Node("layer", new Add { Activation = Activation.Relu }, image, image))
            ),
            "add",
            "cs"
        );

    [Fact]
    public void A_gate() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 16, 3, 4),
                (builder, image) =>
                    builder.Node(
                        "layer",
                        new Mul { Activation = Activation.HardSwish },
                        image,
                        builder.Node("mean", new GlobalAveragePool(), image)
                    )
            ),
            "gate",
            "cs"
        );

    [Fact]
    public void A_concatenation_that_does_not_line_up() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 20, 3, 4),
                (builder, image) => Halo(builder, builder.Node("layer", new Concat(), image, builder.Node("other", Activate.Relu6, image)))
            ),
            "concat",
            "cs"
        );

    [Fact]
    public void A_padding_that_nothing_takes_along() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 3, 4),
                (builder, image) => builder.Node("layer", new Pad { Padding = new Padding(1, 2, 0, 1), Value = 0.5f }, image)
            ),
            "pad",
            "cs"
        );

    [Fact]
    public void An_enlargement() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 20, 3, 4),
                (builder, image) =>
                    Halo(
                        builder,
                        builder.Node("layer", new Resize { Sizes = new[] { 2, 20, 6, 12 } }, builder.Node("other", Activate.Relu6, image))
                    )
            ),
            "enlargement",
            "cs"
        );

    [Fact]
    public void The_methods_of_smooth_activations() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 16, 3, 4),
                (builder, image) =>
                    builder.Node(
                        "silu",
                        Activate.Silu,
                        builder.Conv2d(
                            "conv",
                            image,
                            8,
                            s_three,
                            pattern: new BlockPattern(
                                8,
                                16,
                                [
                                    [2, 9],
                                ]
                            ),
                            activation: Activation.Sigmoid
                        )
                    ),
                file: "Functions"
            ),
            "functions",
            "cs"
        );

    [Fact]
    public void A_batch_normalisation() =>
        Snapshot.Verify(Emit(new TensorShape(1, 20, 3, 4), (builder, image) => builder.BatchNorm("layer", image)), "batch-norm", "cs");

    [Fact]
    public void The_input_copied_to_planes() =>
        Snapshot.Verify(
            Emit(new TensorShape(2, 3, 4, 5), (builder, image) => builder.Conv2d("conv", image, 16, s_three), file: "Layer00_ImagePlanar"),
            "copy-in-planar",
            "cs"
        );

    [Fact]
    public void The_input_copied_to_blocks() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 20, 4, 5),
                (builder, image) => builder.Conv2d("conv", image, 16, s_three),
                UnrollMode.Taps,
                file: "Layer00_ImageBlocked16"
            ),
            "copy-in-blocked",
            "cs"
        );

    [Fact]
    public void The_output_copied_to_the_caller() =>
        Snapshot.Verify(
            Emit(new TensorShape(1, 20, 4, 5), (builder, image) => builder.Node("act", Activate.Relu, image), file: "Layer02_ActNchw"),
            "copy-out",
            "cs"
        );

    [Fact]
    public void The_methods_that_zero_halos() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(2, 16, 3, 4),
                (builder, image) => Halo(builder, builder.Node("act", Activate.Relu, image)),
                UnrollMode.Taps,
                file: "Halos"
            ),
            "halos",
            "cs"
        );

    [Fact]
    public void The_run_list() =>
        Snapshot.Verify(
            Emit(
                new TensorShape(1, 3, 8, 8),
                (builder, image) =>
                {
                    var stem = builder.Conv2d("stem", image, 16, s_three, bias: true, activation: Activation.Relu);
                    var body = builder.Conv2d(
                        "body",
                        stem,
                        16,
                        s_three,
                        pattern: new BlockPattern(
                            16,
                            16,
                            [
                                [3, 4],
                            ]
                        )
                    );
                    var mean = builder.Node("mean", new GlobalAveragePool(), builder.Node("sum", new Add(), body, stem));
                    return builder.Linear("head", builder.Node("flat", new Flatten(), mean), 10);
                },
                file: "Avx512"
            ),
            "run-list",
            "cs"
        );

    /// <summary>A layer whose last tiles reach beyond the image, followed by one that wants zeros around it.</summary>
    private static string Winograd(GraphBuilder builder, string image)
    {
        var layer = builder.Conv2d(
            "layer",
            image,
            32,
            s_three,
            bias: true,
            pattern: new BlockPattern(
                16,
                16,
                [
                    [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14],
                    [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15],
                ]
            ),
            activation: Activation.Relu
        );
        return builder.Conv2d("next", layer, 16, s_three with { Stride = new(2, 2) });
    }

    /// <summary>A padded convolution behind a value, so that the value has a halo.</summary>
    private static string Halo(GraphBuilder builder, string value) => builder.Conv2d("next", value, 16, s_three);

    private static string Emit(
        TensorShape input,
        Func<GraphBuilder, string, string> layers,
        UnrollMode unroll = UnrollMode.Auto,
        string? file = null,
        PlanHints? hints = null
    )
    {
        IReadOnlyList<InstructionSet> sets = [InstructionSet.Avx512];
        var files = SnapshotNetwork.Emit(input, layers, sets, unroll, hints);
        return SnapshotNetwork.Without(InstructionSet.Portable, SnapshotNetwork.Select(files, file, sets));
    }
}

using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

/// <summary>
/// The emitted files that are no kernels, of one small network, as a user reads them. They name every instruction set because choosing
/// among them is what they do. <see cref="LayerSnapshotTests"/> says why there are snapshots at all.
/// </summary>
public sealed class RuntimeSnapshotTests
{
    private static readonly IReadOnlyList<EmittedFile> s_files = Emit(WeightsLocation.Embedded);

    [Theory]
    [InlineData("", "model")]
    [InlineData(".Weights", "weights")]
    [InlineData(".Session", "session")]
    [InlineData(".Schedule", "schedule")]
    [InlineData(".Threads", "threads")]
    public void A_file_of_the_runtime_reads_as_approved(string part, string snapshot) =>
        Snapshot.Verify(s_files.Single(file => file.Name == $"Net{part}.cs").Text, snapshot, "cs");

    [Fact]
    public void Weights_beside_the_program() =>
        Snapshot.Verify(Emit(WeightsLocation.File).Single(file => file.Name == "Net.Weights.cs").Text, "weights-file", "cs");

    [Fact]
    public void Weights_of_few_bits() =>
        Snapshot.Verify(
            Emit(WeightsLocation.File, ("stem.weight", 8), ("body.weight", 3)).Single(file => file.Name == "Net.Weights.cs").Text,
            "weights-few-bits",
            "cs"
        );

    private static IReadOnlyList<EmittedFile> Emit(WeightsLocation weights, params (string Weight, int Bits)[] few)
    {
        var builder = new GraphBuilder("net");
        var value = builder.Input("image", new TensorShape(1, 3, 6, 6));
        value = builder.Conv2d("stem", value, 16, Window.Square(3, padding: 1), bias: true, activation: Activation.Relu);
        value = builder.Conv2d(
            "body",
            value,
            32,
            Window.Square(1),
            bias: true,
            pattern: new BlockPattern(
                16,
                16,
                [
                    [0, 3, 7],
                    [1, 2, 15],
                ]
            )
        );
        value = builder.Node("flat", new Flatten(), builder.Node("mean", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("head", value, 3));
        var graph = builder.Build();
        graph = graph.With(
            parameters:
            [
                .. graph.Parameters.Select(parameter =>
                    few.FirstOrDefault(weight => weight.Weight == parameter.Name) is { Weight: not null } found
                        ? parameter with
                        {
                            Bits = found.Bits,
                        }
                        : parameter
                ),
            ]
        );
        return ModelEmitter.Emit(ModelPlanner.Plan(graph, new CompileOptions { ThreadCounts = [1, 2], Weights = weights }));
    }
}

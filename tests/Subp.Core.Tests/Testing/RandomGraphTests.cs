using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Testing;

public class RandomGraphTests
{
    // What a classifier of images is made of; layouts are the compiler's business.
    private static readonly string[] Basic =
    [
        "add",
        "avg_pool",
        "batch_norm",
        "channel_shuffle",
        "clip",
        "concat",
        "conv2d",
        "flatten",
        "global_avg_pool",
        "hard_sigmoid",
        "hard_swish",
        "linear",
        "max_pool",
        "mul",
        "pad",
        "relu",
        "reshape",
        "sigmoid",
        "silu",
        "slice",
        "softmax",
    ];

    [Fact]
    public void Random_graphs_survive_the_text_form_and_the_bundle_and_stay_finite()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var model = RandomGraph.Create(seed);
            GraphVerifier.Verify(model.Graph);
            var bundle = ModelBundle.Write(model);
            var (read, hints) = ModelBundle.Read(bundle.SubpText, "r.subp", bundle.Safetensors, "r.safetensors");
            var again = ModelBundle.Write(read, hints);
            Assert.Equal(bundle.SubpText, again.SubpText);
            Assert.Equal(bundle.Safetensors, again.Safetensors);

            var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
            new ReferenceInterpreter(read).Run(RandomWeights.Input(model.Graph.ShapeOf("image"), seed), output);
            Assert.True(output.All(value => float.IsFinite(value) && Math.Abs(value) < 1e4f), $"seed {seed}: {output.Max()}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Networks_of_any_rank_are_valid_and_have_a_reference(int rank)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var model = RandomGraph.Create(seed, new RandomGraphOptions { Rank = rank, Batch = 2 });
            var output = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
            new ReferenceInterpreter(model).Run(RandomWeights.Input(model.Graph.ShapeOf("image"), seed), output);
            GraphVerifier.Verify(model.Graph);
            var refusal = Record.Exception(() => GraphVerifier.RequireImagesAndVectors(model.Graph));
            if (rank is 2 or 4)
                Assert.Null(refusal);
            else
                Assert.Equal("SUBP0220", Assert.IsType<SubpException>(refusal).Diagnostic.Descriptor.Id);
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_model_and_another_seed_another()
    {
        var text = SubpPrinter.Print(RandomGraph.Create(7).Graph);
        Assert.Equal(text, SubpPrinter.Print(RandomGraph.Create(7).Graph));
        Assert.NotEqual(text, SubpPrinter.Print(RandomGraph.Create(8).Graph));
    }

    [Fact]
    public void The_drawn_graphs_cover_what_they_promise()
    {
        var graphs = Enumerable
            .Range(0, 150)
            .Select(seed => RandomGraph.Create(seed, new RandomGraphOptions { Rank = seed % 5 == 0 ? 2 : null }).Graph)
            .ToArray();
        var mnemonics = graphs.SelectMany(graph => graph.Nodes).Select(node => node.Operator.Mnemonic).ToHashSet();
        Assert.Superset(new HashSet<string>(Basic), mnemonics);
        var patterns = graphs
            .SelectMany(graph => graph.Parameters)
            .Select(parameter => parameter.Pattern)
            .OfType<Sparsity.BlockPattern>()
            .ToArray();
        Assert.Equal([4, 8, 16, 32], patterns.Select(pattern => pattern.BlockLength).Distinct().Order());
        Assert.Contains(patterns, pattern => pattern.IsUniform);
        Assert.Contains(patterns, pattern => !pattern.IsUniform);
        Assert.Contains(patterns, pattern => pattern.OutputChannels % 16 != 0);
    }

    [Fact]
    public void Every_operator_of_floats_is_drawn_and_networks_have_several_inputs_and_outputs()
    {
        var graphs = Enumerable
            .Range(0, 2000)
            .Select(seed =>
                RandomGraph
                    .Create(seed, new RandomGraphOptions { Rank = seed % 7 == 6 ? null : seed % 7, DrawsGeneralOperators = true })
                    .Graph
            )
            .ToArray();
        string[] madeByPasses = ["change_layout"];
        string[] ofBytes = ["quantize", "dequantize"];
        Assert.Empty(
            OperatorRegistry
                .Mnemonics.Except(madeByPasses)
                .Except(ofBytes)
                .Except(graphs.SelectMany(graph => graph.Nodes).Select(node => node.Operator.Mnemonic))
        );
        Assert.Contains(graphs, graph => graph.Inputs.Count == 2 && graph.Outputs.Count == 2);
    }
}

using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Core.Tests.Graphs;

/// <summary>A graph holds values of any rank; what knows images and vectors only asks for these.</summary>
public class ValueRankTests
{
    [Theory]
    [InlineData("[], 0 dimensions")]
    [InlineData("[7], one dimension", 7)]
    [InlineData("[2,5,7], 3 dimensions", 2, 5, 7)]
    [InlineData("[1,2,3,4,5], 5 dimensions", 1, 2, 3, 4, 5)]
    public void An_input_that_is_neither_image_nor_vector_is_SUBP0220_for_what_knows_these_alone(string found, params int[] dimensions)
    {
        var builder = new GraphBuilder("net");
        builder.Output(builder.Node("y", Activate.Relu, builder.Input("x", new TensorShape(dimensions))));
        var graph = builder.Build();
        GraphVerifier.Verify(graph);
        var diagnostic = Assert.Throws<SubpException>(() => GraphVerifier.RequireImagesAndVectors(graph)).Diagnostic;
        Assert.Equal(
            ("SUBP0220", "input 'x'", $"a value of shape {found}"),
            (diagnostic.Descriptor.Id, diagnostic.Location, diagnostic.Found)
        );
        Assert.NotEmpty(diagnostic.Action);
    }

    [Fact]
    public void A_layer_whose_result_is_neither_image_nor_vector_is_SUBP0220_likewise()
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("x", new TensorShape(1, 4, 6, 6));
        builder.Output(builder.Node("y", new Flatten(), builder.Node("r", new Reshape(1, 4, 36), image)));
        var graph = builder.Build();
        GraphVerifier.Verify(graph);
        var diagnostic = Assert.Throws<SubpException>(() => GraphVerifier.RequireImagesAndVectors(graph)).Diagnostic;
        Assert.Equal(("SUBP0220", "node 'r' (reshape)"), (diagnostic.Descriptor.Id, diagnostic.Location));
    }

    [Theory]
    [InlineData(2, 7)]
    [InlineData(2, 7, 1, 3)]
    public void Images_and_vectors_pass(params int[] dimensions)
    {
        var builder = new GraphBuilder("net");
        builder.Output(builder.BatchNorm("y", builder.Input("x", new TensorShape(dimensions))));
        GraphVerifier.RequireImagesAndVectors(builder.Build());
    }
}

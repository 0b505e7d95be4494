using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Tooling.Benchmarking;

namespace Subp.Tooling.Tests.Benchmarking;

public sealed class LayerSpecificationTests
{
    [Theory]
    [InlineData("128x128k3h28w28", "128x128k3s1h28w28")]
    [InlineData("32x64k3s2g32h8w6", "32x64k3s2g32h8w6")]
    [InlineData("16x16k1s1g1h8w8", "16x16k1s1h8w8")]
    public void The_text_form_is_read_and_written(string text, string written)
    {
        Assert.Equal(written, LayerSpecification.Parse(text).ToString());
    }

    [Fact]
    public void A_depthwise_layer_is_dense_and_has_one_input_channel_a_group()
    {
        var graph = LayerSpecification.Parse("32x32k3g32h8w8").Build(blockLength: 16, sparsity: 0.75).Graph;
        var weight = graph.Parameter($"{LayerSpecification.NodeName}.weight");
        Assert.Equal(new TensorShape(32, 1, 3, 3), weight.Shape);
        Assert.Null(weight.Pattern);
    }

    [Fact]
    public void Groups_that_do_not_divide_the_channels_are_refused()
    {
        Assert.Throws<SubpException>(() => LayerSpecification.Parse("32x32k3g5h8w8").Build(blockLength: 0, sparsity: 0));
    }
}

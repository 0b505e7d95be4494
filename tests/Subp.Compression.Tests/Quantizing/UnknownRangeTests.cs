using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Compression.Tests.Quantizing;

public sealed class UnknownRangeTests
{
    [Fact]
    public void The_range_of_an_input_that_is_reshaped_first_is_asked_for_by_the_name_of_the_input()
    {
        var builder = new GraphBuilder("lines");
        var row = builder.Node("row", new Reshape(1, 16, 1, 32), builder.Input("sound", new TensorShape(1, 16, 32)));
        var conv = builder.Conv2d("conv", row, 16, new Window(new Extent(1, 3), Extent.One, Padding.None, Extent.One));
        builder.Output(builder.BatchNorm("norm", conv));
        var model = RandomWeights.For(builder.Build(), 3);
        var error = Assert.Throws<SubpException>(() => Int8Conversion.FindRanges(model, model, new Int8Options()));
        Assert.Contains("value 'sound'", error.Message, StringComparison.Ordinal);
        Assert.Contains("--input-range", error.Message, StringComparison.Ordinal);
    }
}

using Subp.Compression.Quantizing;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Tests.Quantizing;

/// <summary>Nodes that have a form on bytes in general and not as they are.</summary>
public class FloatReasonTests
{
    [Theory]
    [InlineData(2901, 2902, null)]
    [InlineData(3000, 3000, "its sums could leave 32 bits")]
    public void A_mean_of_more_bytes_than_32_bits_can_sum_stays_float(int height, int width, string? reason)
    {
        Operator[] means =
        [
            new GlobalAveragePool(),
            new Pool2d { Kind = PoolKind.Average, Window = new Window(new Extent(height, width), Extent.One, Padding.None, Extent.One) },
        ];
        foreach (var mean in means)
            Assert.Equal(reason, Reason(mean, new TensorShape(1, 1, height, width)));
    }

    [Theory]
    [InlineData(0, PadMode.Constant, null)]
    [InlineData(0.5f, PadMode.Constant, "its value has no byte")]
    [InlineData(float.NegativeInfinity, PadMode.Constant, "its value has no byte")]
    [InlineData(0.5f, PadMode.Edge, null)]
    public void A_padding_of_another_constant_than_0_stays_float(float value, PadMode mode, string? reason) =>
        Assert.Equal(
            reason,
            Reason(
                new Pad
                {
                    Padding = Padding.All(1),
                    Value = value,
                    Mode = mode,
                },
                new TensorShape(1, 2, 4, 4)
            )
        );

    // Why a node stays float that reads the result of a layer of bytes.
    private static string? Reason(Operator @operator, TensorShape shape)
    {
        var builder = new GraphBuilder("one");
        var bytes = builder.Conv2d("layer", builder.Input("image", shape), shape.Channels, Window.Square(1));
        builder.Output(builder.Node("node", @operator, bytes));
        var reasons = FloatReasons.Find(builder.Build(), new Int8Options());
        Assert.Null(reasons["layer"]);
        return reasons["node"];
    }
}

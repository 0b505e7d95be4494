using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Tooling.Quantizing;

namespace Subp.Tooling.Tests.Quantizing;

public sealed class PixelBytesTests
{
    [Fact]
    public void Pixels_that_are_no_image_are_refused()
    {
        var builder = new GraphBuilder("pixels")
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.5f], NormalizationDeviation = [0.25f] },
        };
        builder.Output(builder.Node("image", new Reshape(1, 1, 4, 4), builder.Input("rows", new TensorShape(1, 4, 4))));
        var diagnostic = Assert.Throws<SubpException>(() => PixelBytes.Of(builder.Build())).Diagnostic;
        Assert.Equal("SUBP0282", diagnostic.Descriptor.Id);
        Assert.Contains("[1,4,4]", diagnostic.Found, StringComparison.Ordinal);
    }
}

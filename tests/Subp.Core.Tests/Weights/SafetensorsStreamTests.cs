using Subp.Core.Storage;
using Subp.Core.Tests.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Weights;

/// <summary>The weights file as a stream.</summary>
public sealed class SafetensorsStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1 << 20)]
    public void Reads_of_any_length_give_the_bytes_of_the_file(int atOnce)
    {
        var model = RandomWeights.For(SampleGraphs.Everything(), 1);
        using var stream = ModelBundle.OpenWeights(model);
        var bytes = new byte[stream.Length];
        var buffer = new byte[atOnce];
        var position = 0;
        for (int count; (count = stream.Read(buffer)) > 0; position += count)
        {
            Assert.Equal(position + count, stream.Position);
            buffer.AsSpan(0, count).CopyTo(bytes.AsSpan(position));
        }

        Assert.Equal(stream.Length, position);
        Assert.Equal(ModelBundle.Write(model).Safetensors, bytes);
        Assert.Equal(SafetensorsWriter.Write(WeightFileLayout.Of(model.Graph), model.Weights), bytes);
    }

    [Fact]
    public void A_bundle_that_is_written_to_a_stream_is_the_one_in_memory()
    {
        var model = RandomWeights.For(SampleGraphs.Everything(), 2);
        using var stream = new MemoryStream();
        var text = ModelBundle.Write(model, stream);
        var bundle = ModelBundle.Write(model);
        Assert.Equal(bundle.SubpText, text);
        Assert.Equal(bundle.Safetensors, stream.ToArray());
    }
}

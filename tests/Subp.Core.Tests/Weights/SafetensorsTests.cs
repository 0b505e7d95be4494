using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Core.Tests.Weights;

public class SafetensorsTests
{
    [Fact]
    public void Dense_tensors_survive_writing_and_reading()
    {
        var weights = new WeightSet
        {
            ["b \"quoted\" ü"] = new WeightTensor(new TensorShape(2, 3), [1, 2, 3, 4, 5, 6]),
            ["a"] = new WeightTensor(new TensorShape(1), [float.MinValue]),
        };
        var file = SafetensorsReader.Read(SafetensorsWriter.Write([new("key", "value")], weights), "w.safetensors");
        Assert.Equal("value", file.Metadata["key"]);
        Assert.Equal(weights.Names, file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([1, 2, 3, 4, 5, 6], file.Tensors[0].ToFloats());
        Assert.Equal([2, 3], file.Tensors[0].Shape);
        Assert.Equal(float.MinValue, file.Find("a")!.ToFloats()[0]);
    }

    [Fact]
    public void Half_brain_and_double_precision_are_converted_and_the_order_of_the_header_is_free()
    {
        byte[] values = [0x00, 0x3E, 0xC0, 0x3F, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F];
        var file = Read(
            """
            {"d":{"dtype":"F64","shape":[],"data_offsets":[4,12]},
             "h":{"shape":[1],"dtype":"F16","data_offsets":[0,2]},
             "b":{"data_offsets":[2,4],"dtype":"BF16","shape":[1,1]}}
            """,
            values
        );
        Assert.Equal(["h", "b", "d"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal(1.5f, Assert.Single(tensor.ToFloats())));
    }

    [Fact]
    public void Integers_are_kept_but_not_converted()
    {
        var tensor = Assert.Single(Read("""{"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]).Tensors);
        Assert.False(tensor.IsConvertible);
        Assert.Throws<InvalidOperationException>(tensor.ToFloats);
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData(""" {}""")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""")]
    [InlineData("""{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""")]
    [InlineData("""{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"__metadata__":{"a":"1","a":"1"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"__metadata__":[[[[[[[[[[""")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    public void A_broken_header_is_answered_with_a_diagnostic(string header) => AssertBroken(File(header, new byte[4]));

    [Fact]
    public void A_file_cut_anywhere_is_answered_with_a_diagnostic()
    {
        var whole = SafetensorsWriter.Write([], new WeightSet { ["a"] = new WeightTensor(new TensorShape(3), [1, 2, 3]) });
        for (var length = 0; length < whole.Length; length++)
            AssertBroken(whole[..length]);
    }

    [Fact]
    public void A_file_with_one_byte_changed_reads_or_is_answered_with_a_diagnostic()
    {
        var whole = SafetensorsWriter.Write([new("k", "v")], new WeightSet { ["a"] = new WeightTensor(new TensorShape(3), [1, 2, 3]) });
        var random = new Random(3);
        for (var trial = 0; trial < 2000; trial++)
        {
            var changed = (byte[])whole.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            var exception = Record.Exception(() => SafetensorsReader.Read(changed, "w.safetensors"));
            Assert.True(exception is null or SubpException, exception?.ToString());
        }
    }

    private static void AssertBroken(byte[] file)
    {
        var diagnostic = Assert.Throws<SubpException>(() => SafetensorsReader.Read(file, "w.safetensors")).Diagnostic;
        Assert.Equal(DiagnosticDescriptors.SafetensorsFormat, diagnostic.Descriptor);
        Assert.StartsWith("w.safetensors", diagnostic.Location);
    }

    private static SafetensorsFile Read(string header, byte[] values) => SafetensorsReader.Read(File(header, values), "w.safetensors");

    private static byte[] File(string header, byte[] values) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. values];
}

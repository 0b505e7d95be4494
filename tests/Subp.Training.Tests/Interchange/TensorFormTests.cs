using Subp.Training.Interchange.StateDict;

namespace Subp.Training.Tests.Interchange;

/// <summary>Every form of tensor that PyTorch saves, in every form of file.</summary>
public class TensorFormTests
{
    private static readonly float[] s_counted = [.. Enumerable.Range(0, 24).Select(value => (float)value)];

    public static TheoryData<string> Files => ["tensors.pth", "tensors-legacy.pth", "tensors-protocol4.pth"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_type_of_elements_is_read(string file)
    {
        var state = PyTorchFiles.Read(file);
        foreach (string type in new[] { "float32", "float16", "bfloat16", "float64", "int64", "int32", "uint8" })
        {
            var tensor = state.Find(type)!;
            Assert.Equal(type, tensor.Type.Name);
            Assert.Equal(s_counted, tensor.ToFloats());
        }

        Assert.Equal(s_counted.Select(value => value % 2 == 0 ? 1f : 0f), state.Find("bool")!.ToFloats());
        Assert.Equal([2L, 3, 4], state.Find("float32")!.Shape);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Views_are_read_in_the_order_of_their_shape(string file)
    {
        var state = PyTorchFiles.Read(file);
        Assert.Equal([6L, 4], state.Find("transposed")!.Shape);
        Assert.Equal([0f, 6, 12, 18, 1, 7], state.Find("transposed")!.ToFloats()[..6]);
        Assert.Equal([8f, 9, 10, 14, 15, 16], state.Find("slice")!.ToFloats());
        Assert.Equal(s_counted, state.Find("channels_last")!.ToFloats());
        Assert.Equal([0f, 1, 2, 3, 4, 5], state.Find("parameter")!.ToFloats());
        Assert.Equal([7f], state.Find("scalar")!.ToFloats());
        Assert.Empty(state.Find("scalar")!.Shape);
        Assert.Empty(state.Find("empty")!.ToFloats());
        Assert.Equal(14, state.Tensors.Count);
    }

    [Theory]
    [InlineData(StateDictionaryFormat.Pth)]
    [InlineData(StateDictionaryFormat.Safetensors)]
    public void What_is_written_is_read_again_and_the_bytes_are_always_the_same(StateDictionaryFormat format)
    {
        var tensors = new Core.Weights.WeightSet();
        tensors["layer.weight"] = new(new Core.Graphs.TensorShape(2, 3, 1, 4), s_counted);
        tensors["layer.bias"] = new(new Core.Graphs.TensorShape(2), [1.5f, -0f]);
        byte[] bytes = StateDictionaryFile.Write(tensors, format);

        var state = StateDictionaryFile.Read(bytes, "net");
        Assert.Equal(["layer.weight", "layer.bias"], state.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2L, 3, 1, 4], state.Find("layer.weight")!.Shape);
        Assert.Equal(s_counted, state.Find("layer.weight")!.ToFloats());
        Assert.Equal([1.5f, -0f], state.Find("layer.bias")!.ToFloats());
        Assert.Equal(bytes, StateDictionaryFile.Write(tensors, format));
    }
}

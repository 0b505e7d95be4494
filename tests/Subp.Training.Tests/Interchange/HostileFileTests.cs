using Subp.Training.Interchange.Pickle;

namespace Subp.Training.Tests.Interchange;

/// <summary>
/// Files that ask for more than tensors or whose parts do not agree: a diagnostic with the place, and nothing else happens.
/// </summary>
public class HostileFileTests
{
    private static readonly byte[] s_one = BitConverter.GetBytes(1f);

    [Fact]
    public void A_call_of_a_function_is_refused_by_its_name_and_place_and_not_made()
    {
        string marker = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        byte[] pickle = PyTorchFiles.Pickle(
            "cposix\nsystem\n",
            Text($"touch {marker}"),
            PickleOpcode.Tuple1,
            PickleOpcode.Reduce,
            PickleOpcode.Stop
        );
        var refusal = PyTorchFiles.Refusal(PyTorchFiles.Zip(pickle));

        Assert.Equal("SUBP0561", refusal.Descriptor.Id);
        Assert.Equal("net.pth, data.pkl, byte 2", refusal.Location);
        Assert.Contains("'posix.system'", refusal.Found, StringComparison.Ordinal);
        Assert.False(File.Exists(marker));
    }

    [Theory]
    [InlineData("c__builtin__\neval\n.", "'__builtin__.eval'")]
    [InlineData("cnumpy.core.multiarray\nscalar\n.", "'numpy.core.multiarray.scalar'")]
    [InlineData("ctorch._utils\n_rebuild_sparse_tensor\n.", "'torch._utils._rebuild_sparse_tensor'")]
    [InlineData("(S'id'\nios\nsystem\n.", "0x53")]
    [InlineData("}\x81.", "0x81")]
    [InlineData("\x82\x01.", "0x82")]
    public void Names_and_instructions_beyond_tensors_are_refused(string program, string found)
    {
        var refusal = PyTorchFiles.Refusal(PyTorchFiles.Zip(PyTorchFiles.Pickle(program)));
        Assert.Equal("SUBP0561", refusal.Descriptor.Id);
        Assert.Contains(found, refusal.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("}", "the end after 3 bytes")]
    [InlineData("h\x07.", "a reference to value 7")]
    [InlineData("}}.", "values left over")]
    [InlineData("0.", "an empty stack")]
    [InlineData("u.", "no mark")]
    [InlineData("}(Nu.", "a key without a value")]
    [InlineData("](NNu.", "a list")]
    [InlineData("X\xff\xff\xff\x7f.", "the end after")]
    [InlineData("U\x01\xff.", "not UTF-8")]
    [InlineData("\x80\x09.", "protocol 9")]
    [InlineData("ccollections", "a name that does not end")]
    public void Broken_pickles_are_named_with_their_place(string program, string found)
    {
        var refusal = PyTorchFiles.Refusal(PyTorchFiles.Zip(PyTorchFiles.Pickle(program)));
        Assert.Equal("SUBP0560", refusal.Descriptor.Id);
        Assert.StartsWith("net.pth, data.pkl, byte ", refusal.Location, StringComparison.Ordinal);
        Assert.Contains(found, refusal.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0, new[] { 2 }, new[] { 1 })]
    [InlineData(1, 1, new[] { 1 }, new[] { 1 })]
    [InlineData(1, -1, new[] { 1 }, new[] { 1 })]
    [InlineData(1, 0, new[] { 1 }, new[] { -1 })]
    [InlineData(1, 0, new[] { 1000000 }, new[] { 0 })]
    [InlineData(1, 0, new[] { int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue }, new[] { 1, 1, 1, 1 })]
    [InlineData(1, 0, new[] { 1 }, new[] { 1, 1 })]
    [InlineData(2, 0, new[] { 1 }, new[] { 1 })]
    [InlineData(int.MaxValue, 0, new[] { 1 }, new[] { 1 })]
    public void A_tensor_outside_its_storage_and_a_storage_of_another_length_are_refused(
        int elements,
        int offset,
        int[] shape,
        int[] strides
    )
    {
        byte[] file = PyTorchFiles.Zip(Tensor("0", elements, offset, shape, strides), ("archive/data/0", s_one));
        Assert.Equal("SUBP0560", PyTorchFiles.Refusal(file).Descriptor.Id);
    }

    [Fact]
    public void A_tensor_within_its_storage_is_accepted()
    {
        byte[] file = PyTorchFiles.Zip(Tensor("0", 1, 0, [1], [1]), ("archive/data/0", s_one));
        Assert.Equal([1f], Training.Interchange.StateDict.StateDictionaryFile.Read(file, "net.pth").Find("w")!.ToFloats());
    }

    [Fact]
    public void Nesting_of_any_depth_and_lists_that_hold_themselves_end()
    {
        byte[] deep = PyTorchFiles.Pickle(new string(']', 400_000), new string('a', 399_999), ".");
        Assert.Equal("SUBP0562", PyTorchFiles.Refusal(PyTorchFiles.Zip(deep)).Descriptor.Id);

        byte[] cyclic = PyTorchFiles.Pickle("}q\x00", Text("state_dict"), "h\x00s.");
        Assert.Equal("SUBP0562", PyTorchFiles.Refusal(PyTorchFiles.Zip(cyclic)).Descriptor.Id);
    }

    [Fact]
    public void More_values_than_any_checkpoint_has_are_refused()
    {
        byte[] many = PyTorchFiles.Pickle(new string(']', PickleReader.MostValues + 1));
        Assert.Contains("values", PyTorchFiles.Refusal(PyTorchFiles.Zip(many)).Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(3000)]
    public void A_cut_file_is_refused(int length)
    {
        foreach (string name in new[] { "tensors.pth", "tensors-legacy.pth" })
        {
            byte[] bytes = File.ReadAllBytes(PyTorchFiles.Path(name));
            Assert.Equal("SUBP0560", PyTorchFiles.Refusal(bytes[..Math.Min(length, bytes.Length - 1)]).Descriptor.Id);
        }
    }

    [Fact]
    public void A_changed_byte_of_a_storage_is_found_by_its_checksum()
    {
        byte[] bytes = File.ReadAllBytes(PyTorchFiles.Path("resnet18-w4.pth"));
        bytes[bytes.Length / 2] ^= 1;
        Assert.Contains("checksum", PyTorchFiles.Refusal(bytes).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_big_endian_files_and_archives_of_something_else_are_refused()
    {
        byte[] empty = PyTorchFiles.Pickle("}.");
        Assert.Contains(
            "TorchScript",
            PyTorchFiles.Refusal(PyTorchFiles.Zip(empty, ("archive/code/a.py", []))).Found,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "largest byte",
            PyTorchFiles.Refusal(PyTorchFiles.Zip(empty, ("archive/byteorder", "big"u8.ToArray()))).Found,
            StringComparison.Ordinal
        );
        Assert.Contains("2 records", PyTorchFiles.Refusal(PyTorchFiles.Zip(empty, ("b/data.pkl", empty))).Found, StringComparison.Ordinal);
        Assert.Equal("SUBP0560", PyTorchFiles.Refusal("hello"u8.ToArray()).Descriptor.Id);
    }

    [Fact]
    public void A_file_without_or_with_several_state_dictionaries_is_refused()
    {
        byte[] tensor = Tensor("0", 1, 0, [1], [1])[2..^1];
        byte[] two = PyTorchFiles.Pickle("}(", Text("model"), tensor, Text("net"), tensor, "u.");
        var refusal = PyTorchFiles.Refusal(PyTorchFiles.Zip(two, ("archive/data/0", s_one)));
        Assert.Equal("SUBP0562", refusal.Descriptor.Id);
        Assert.Contains("'model', 'net'", refusal.Found, StringComparison.Ordinal);
        Assert.Equal("SUBP0562", PyTorchFiles.Refusal(PyTorchFiles.Zip(PyTorchFiles.Pickle("].")).ToArray()).Descriptor.Id);
    }

    private static byte[] Text(string value) =>
        [(byte)'X', .. BitConverter.GetBytes(value.Length), .. System.Text.Encoding.UTF8.GetBytes(value)];

    // A dictionary with one tensor 'w'.
    private static byte[] Tensor(string key, int elements, int offset, int[] shape, int[] strides) =>
        PyTorchFiles.Pickle(
            "}",
            Text("w"),
            "ctorch._utils\n_rebuild_tensor_v2\n((",
            Text("storage"),
            "ctorch\nFloatStorage\n",
            Text(key),
            Text("cpu"),
            elements,
            "tQ",
            offset,
            new PickleWriter().Integers(shape).Finish()[2..^1],
            new PickleWriter().Integers(strides).Finish()[2..^1],
            "\x89}tRs."
        );
}

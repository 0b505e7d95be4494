using System.Globalization;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Testing;
using Subp.Tooling.Inputs;

namespace Subp.Tooling.Tests.Inputs;

/// <summary>
/// Files of NumPy, whose shapes must be those of the network: numbers of another shape would be an image that is sheared.
/// </summary>
public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("4,3,6,8", 4)]
    [InlineData("2,2,3,6,8", 4)]
    [InlineData("3,6,8", 1)]
    [InlineData("1,3,6,8", 1)]
    [InlineData("4,144", 4)]
    [InlineData("576,", 4)]
    public void Inputs_of_the_shape_of_the_network_are_read(string shape, int count)
    {
        var inputs = NpyFile.ReadMany(Write(shape), new TensorShape(1, 3, 6, 8));
        Assert.Equal(count, inputs.Count);
        Assert.Equal(144 * (count - 1), inputs[^1][0]);
    }

    [Theory]
    [InlineData("4,6,8,3", "Channels come first")]
    [InlineData("4,3,8,6", "(4, 3, 8, 6)")]
    [InlineData("2,3,12,8", "(2, 3, 12, 8)")]
    [InlineData("8,3,24", "(8, 3, 24)")]
    public void Inputs_of_another_shape_are_refused_though_their_numbers_would_do(string shape, string found)
    {
        var error = Assert.Throws<SubpException>(() => NpyFile.ReadMany(Write(shape), new TensorShape(1, 3, 6, 8)));
        Assert.Equal("SUBP0809", error.Diagnostic.Descriptor.Id);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4,1,6,8")]
    [InlineData("4,6,8")]
    public void Dimensions_of_one_may_be_left_out(string shape) =>
        Assert.Equal(4, NpyFile.ReadMany(Write(shape), new TensorShape(1, 1, 6, 8)).Count);

    [Fact]
    public void A_vector_may_be_an_image() => Assert.Equal(4, NpyFile.ReadMany(Write("4,6,8"), new TensorShape(1, 48)).Count);

    [Fact]
    public void One_input_has_the_shape_of_the_network_too()
    {
        Assert.Equal(144, NpyFile.Read(Write("1,3,6,8"), new TensorShape(1, 3, 6, 8)).Length);
        Assert.Throws<SubpException>(() => NpyFile.Read(Write("1,6,8,3"), new TensorShape(1, 3, 6, 8)));
    }

    private string Write(string shape)
    {
        var count = shape
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(1, (product, extent) => product * int.Parse(extent, CultureInfo.InvariantCulture));
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + "\n";
        using var file = new BinaryWriter(File.Create(_folder["x.npy"]));
        file.Write([0x93, .. "NUMPY"u8, 1, 0]);
        file.Write((ushort)header.Length);
        file.Write(Encoding.ASCII.GetBytes(header));
        for (var index = 0; index < count; index++)
            file.Write((float)index);
        return _folder["x.npy"];
    }
}

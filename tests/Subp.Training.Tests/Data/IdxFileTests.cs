using System.IO.Compression;
using Subp.Core.Diagnostics;
using Subp.Training.Data;

namespace Subp.Training.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("subp-idx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Raw_and_compressed_files_read_the_same(bool compress)
    {
        var file = IdxFile.Read(Write([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6], compress), rank: 2);

        Assert.Equal([2, 3], file.Dimensions);
        Assert.Equal([1, 2, 3, 4, 5, 6], file.Values);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 8 })]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3 })]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3 })]
    [InlineData(new byte[] { 0, 0, 8, 1, 255, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 0, 0, 8, 1, 127, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 1, 1 })]
    [InlineData(new byte[] { 0, 0, 13, 1, 0, 0, 0, 1, 1 })]
    [InlineData(new byte[] { 1, 2, 8, 1, 0, 0, 0, 1, 1 })]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0, 1, 2, 3 })]
    public void Truncated_corrupt_and_hostile_files_are_answered_with_SUBP0502(byte[] content)
    {
        string path = Write(content, compress: false);

        var exception = Assert.Throws<SubpException>(() => IdxFile.Read(path, rank: 1));

        Assert.Equal("SUBP0502", exception.Diagnostic.Descriptor.Id);
        Assert.Equal(path, exception.Diagnostic.Location);
    }

    [Fact]
    public void A_compressed_file_that_was_cut_off_is_answered_with_SUBP0502()
    {
        string path = Write([0, 0, 8, 1, 0, 0, 0, 100, .. new byte[100]], compress: true);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);

        var exception = Assert.Throws<SubpException>(() => IdxFile.Read(path, rank: 1));

        Assert.Equal("SUBP0502", exception.Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void A_missing_file_is_answered_with_SUBP0501()
    {
        var exception = Assert.Throws<SubpException>(() => FashionMnist.ReadTest(_folder));
        Assert.Equal("SUBP0501", exception.Diagnostic.Descriptor.Id);
    }

    private string Write(byte[] content, bool compress)
    {
        string path = Path.Combine(_folder, "file");
        using var file = File.Create(path);
        if (compress)
        {
            using var stream = new GZipStream(file, CompressionLevel.Fastest);
            stream.Write(content);
        }
        else
        {
            file.Write(content);
        }

        return path;
    }
}

using System.Text;
using Xunit;

namespace Subp.Onnx.Tests.Import;

public sealed class MappedFileTests
{
    [Theory]
    [InlineData("")]
    [InlineData("some bytes")]
    public void A_mapped_file_has_the_bytes_of_the_file(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            using (var file = MappedFile.Open(path))
                Assert.Equal(text, Encoding.UTF8.GetString(file.Memory.Span));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_symbolic_link_is_as_long_as_what_it_leads_to()
    {
        var folder = Directory.CreateTempSubdirectory("subp-links-");
        try
        {
            var path = Path.Combine(folder.FullName, "file");
            File.WriteAllText(path, new string('x', 1000));
            var link = File.CreateSymbolicLink(Path.Combine(folder.FullName, "link"), "file").FullName;
            using var file = MappedFile.Open(link);
            Assert.Equal(1000, file.Memory.Length);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            // Links need a right there that builds rarely have.
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

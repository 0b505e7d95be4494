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
}

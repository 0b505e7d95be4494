using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

public class ExternalDataTests
{
    [Fact]
    public void Weights_in_another_file_are_read_from_their_offset()
    {
        byte[] data = [0, 0, 0, 0, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];
        var model = Import(File("weights/net.data", "4", "8"), location => location == "weights/net.data" ? new MemoryStream(data) : null);
        Assert.Equal([1.5f, -2f], model.Weights["w"].Values);
    }

    [Fact]
    public void A_model_on_disk_finds_its_data_in_its_folder()
    {
        var folder = Directory.CreateTempSubdirectory("subp-onnx");
        try
        {
            System.IO.File.WriteAllBytes(
                Path.Combine(folder.FullName, "net.data"),
                [.. BitConverter.GetBytes(3f), .. BitConverter.GetBytes(4f)]
            );
            var path = Path.Combine(folder.FullName, "net.onnx");
            System.IO.File.WriteAllBytes(path, File("net.data", null, null).ToBytes());
            Assert.Equal([3f, 4f], OnnxImporter.ImportFile(path).Weights["w"].Values);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("../net.data", null, null, "the location '../net.data'")]
    [InlineData("a/../../net.data", null, null, "the location 'a/../../net.data'")]
    [InlineData("/etc/passwd", null, null, "the location '/etc/passwd'")]
    [InlineData("C:\\net.data", null, null, "the location 'C:\\net.data'")]
    [InlineData(null, null, null, "no location")]
    [InlineData("absent", null, null, "no file 'absent'")]
    [InlineData("net.data", "1", null, "8 bytes in 'net.data'")]
    [InlineData("net.data", "9223372036854775807", null, "8 bytes in 'net.data'")]
    [InlineData("net.data", "-4", null, "offset = '-4'")]
    [InlineData("net.data", null, "4", "a length of 4 bytes")]
    public void What_cannot_be_read_is_SUBP0408(string? location, string? offset, string? length, string found)
    {
        var exception = Assert.Throws<SubpException>(() =>
            Import(File(location, offset, length), name => name == "net.data" ? new MemoryStream(new byte[8]) : null)
        );
        Assert.Equal(DiagnosticDescriptors.OnnxExternalData, exception.Diagnostic.Descriptor);
        Assert.Equal(found, exception.Diagnostic.Found);
    }

    [Fact]
    public void One_region_read_by_ten_tensors_is_SUBP0408_instead_of_filling_the_memory()
    {
        var file = File("net.data", null, null);
        file.Graph.Node.Clear();
        for (var index = 0; index < 10; index++)
        {
            var tensor = file.Graph.Initializer[0].Clone();
            tensor.Name = $"w{index}";
            tensor.Dims[0] = 2;
            tensor.Dims[1] = 2;
            file.Graph.Initializer.Add(tensor);
            file.Node("Conv", index == 0 ? $"x w{index}" : $"v{index} w{index}", index == 9 ? "y" : $"v{index + 1}");
        }

        var exception = Assert.Throws<SubpException>(() => Import(file, _ => new MemoryStream(new byte[16])));
        Assert.Equal(DiagnosticDescriptors.OnnxExternalData, exception.Diagnostic.Descriptor);
        Assert.Equal("80 bytes wanted from the 16 of 'net.data'", exception.Diagnostic.Found);
    }

    [Fact]
    public void Without_a_folder_external_data_is_SUBP0408()
    {
        var exception = Assert.Throws<SubpException>(() => Import(File("net.data", null, null), open: null));
        Assert.Equal(DiagnosticDescriptors.OnnxExternalData, exception.Diagnostic.Descriptor);
    }

    private static Core.Weights.Model Import(OnnxFile file, Func<string, Stream?>? open) =>
        file.Import(new ImportOptions { OpenExternalData = open });

    private static OnnxFile File(string? location, string? offset, string? length)
    {
        var tensor = new TensorProto
        {
            Name = "w",
            DataType = (int)DataType.Float,
            Dims = { 1, 2, 1, 1 },
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        foreach (var (key, value) in new[] { ("location", location), ("offset", offset), ("length", length) })
        {
            if (value is not null)
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        var file = Create([1, 2, 3, 3]).Node("Conv", "x w", "y");
        file.Graph.Initializer.Add(tensor);
        return file;
    }
}

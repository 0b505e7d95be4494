using System.Runtime.InteropServices;
using Xunit;

namespace Subp.Onnx.Tests.Import;

/// <summary>Files that PyTorch exported compute what PyTorch computed; Data/make_models.py makes them.</summary>
public class PytorchModelTests
{
    [Theory]
    [InlineData("residual-folded-opset11", 1)]
    [InlineData("residual-opset17", 2)]
    [InlineData("mobile-opset13", 1)]
    [InlineData("lenet-opset12", 1)]
    [InlineData("lenet-half-opset12", 1)]
    public void The_imported_model_agrees_with_PyTorch(string name, int batch)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Data");
        var model = OnnxImporter.ImportFile(Path.Combine(folder, $"{name}.onnx"), new ImportOptions { Batch = batch });
        var values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, $"{name}.expected"))).ToArray();
        var inputs = model.Graph.Inputs[0].Shape.ElementCount;

        var output = Networks.Run(model, values[..inputs]);

        Assert.Equal(["image"], model.Graph.Inputs.Select(input => input.Name));
        Assert.Equal(["scores"], model.Graph.Outputs);
        Assert.Equal(values.Length - inputs, output.Length);
        for (var index = 0; index < output.Length; index++)
            Assert.Equal(values[inputs + index], output[index], 2e-5f);
    }
}

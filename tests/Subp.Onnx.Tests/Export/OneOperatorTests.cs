using Subp.Core.Interpretation;
using Subp.Testing;
using Xunit;

namespace Subp.Onnx.Tests.Export;

/// <summary>Every operator computes the same after it was written as ONNX and read again.</summary>
public class OneOperatorTests
{
    [Fact]
    public void An_operator_that_is_written_and_read_again_computes_the_same() =>
        Assert.All(
            OneOperatorModels.All(),
            pair =>
            {
                var model = pair.Value;
                var input = RandomWeights.Input(model.Graph.Inputs[0].Shape, seed: 5);
                var expected = new float[model.Graph.ShapeOf(model.Graph.Outputs[0]).ElementCount];
                new ReferenceInterpreter(model).Run(input, expected);
                var read = OnnxImporter.Import(OnnxExporter.Export(model), "one.onnx");
                var found = new float[expected.Length];
                new ReferenceInterpreter(read).Run(input, found);
                Assert.Equal(
                    expected,
                    found,
                    (left, right) => left.Equals(right) || Math.Abs(left - right) <= 1e-5f * Math.Max(1, Math.Abs(left))
                );
            }
        );
}

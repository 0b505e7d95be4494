using Subp.Core.Interpretation;
using Subp.Onnx;
using Subp.Onnx.Tests;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Compares what ONNX Runtime computes of a file with the imported network and with what is written of that.</summary>
internal static class FileComparison
{
    /// <summary>Runs a file whose input is x and whose output is y, of any shape, on random numbers from -8 to 8.</summary>
    /// <param name="file">The file.</param>
    /// <param name="extents">The shape of its input.</param>
    /// <param name="tolerance">The largest difference that is allowed.</param>
    public static void Run(OnnxFile file, int[] extents, double tolerance)
    {
        var random = new Random(extents.Length);
        var length = extents.Aggregate(1, (product, extent) => product * extent);
        Run(file, extents, [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 16) - 8))], tolerance);
    }

    /// <summary>The same on given numbers.</summary>
    public static void Run(OnnxFile file, int[] extents, float[] input, double tolerance)
    {
        file.Graph.Output[0] = OnnxFile.Value("y");
        file.Graph.Output[0].Type.TensorType.Shape = null;
        var model = file.Import();
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        var expected = Session(file.ToBytes());
        var found = new float[expected.Length];
        new ReferenceInterpreter(model).Run(input, found);
        Assert.Equal(expected, found, (one, other) => Math.Abs(one - other) <= tolerance);
        Assert.Equal(expected, Session(OnnxExporter.Export(model)), (one, other) => Math.Abs(one - other) <= tolerance);

        float[] Session(byte[] bytes)
        {
            using var session = OnnxRuntimeSession.OfBytes(library, "compared", bytes, 1);
            return session.Run(input, extents)[0];
        }
    }
}

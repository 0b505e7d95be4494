using System.Globalization;
using System.IO.Compression;
using System.Text;
using Subp.Core.Interpretation;
using Subp.Core.Weights;

namespace WebApi.Load;

/// <summary>An image as both kinds of request bodies, and the class that the answer must name.</summary>
/// <param name="Raw">784 grey values.</param>
/// <param name="Json">The same as JSON.</param>
/// <param name="Class">The class that the reference interpreter gives.</param>
public sealed record ExpectedImage(byte[] Raw, byte[] Json, string Class);

/// <summary>Test images with the answers of the reference interpreter: a judge that shares no code with the compiled network.</summary>
public static class ExpectedImages
{
    private const int Pixels = 28 * 28;

    /// <summary>The first test images.</summary>
    public static IReadOnlyList<ExpectedImage> Read(int count)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "data");
        var subp = File.ReadAllText(Path.Combine(folder, "fashion.subp"));
        var model = ModelBundle
            .Read(subp, "fashion.subp", File.ReadAllBytes(Path.Combine(folder, "fashion.safetensors")), "fashion.safetensors")
            .Model;
        var metadata = model.Graph.Metadata;
        var interpreter = new ReferenceInterpreter(model);
        var output = new float[metadata.ClassNames.Count];
        return
        [
            .. Images(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), count)
                .Select(raw =>
                {
                    interpreter.Run(
                        [.. raw.Select(pixel => ((pixel / 255f) - metadata.NormalizationMean[0]) / metadata.NormalizationDeviation[0])],
                        output
                    );
                    return new ExpectedImage(raw, Json(raw), metadata.ClassNames[Array.IndexOf(output, output.Max())]);
                }),
        ];
    }

    private static byte[] Json(byte[] raw) =>
        Encoding.UTF8.GetBytes(
            "{\"pixels\":[" + string.Join(",", raw.Select(pixel => pixel.ToString(CultureInfo.InvariantCulture))) + "]}"
        );

    private static IEnumerable<byte[]> Images(string path, int count)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        // The head of an idx3 file: magic number, count, rows, columns.
        stream.ReadExactly(new byte[16]);
        for (var index = 0; index < count; index++)
        {
            var image = new byte[Pixels];
            stream.ReadExactly(image);
            yield return image;
        }
    }
}

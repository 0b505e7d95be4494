using System.Runtime.CompilerServices;
using SkiaSharp;
using Subp.Training.Data;

namespace Subp.Training.Images.Tests;

/// <summary>
/// The bundled images of Fashion-MNIST as a folder in the layout of ImageNet, JPEG and PNG in turns; deleted when disposed.
/// </summary>
internal sealed class FashionFolder : IDisposable
{
    private const int Classes = 4;
    private const int Extent = 28;

    public FashionFolder(int trainingImages, int validationImages)
    {
        string data = System.IO.Path.Combine(RepositoryRoot(), "data", "fashion-mnist");
        Write("train", FashionMnist.ReadTraining(data), trainingImages);
        Write("val", FashionMnist.ReadTest(data), validationImages);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("subp-images-").FullName;

    public string Training => System.IO.Path.Combine(Root, "train");

    public string Validation => System.IO.Path.Combine(Root, "val");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Write(string part, ImageDataset images, int count)
    {
        int written = 0;
        for (int i = 0; i < images.Count && written < count; i++)
        {
            if (images.Labels[i] >= Classes)
                continue;

            bool isPng = written % 2 == 0;
            string folder = System.IO.Path.Combine(Root, part, FormattableString.Invariant($"class-{images.Labels[i]}"));
            Directory.CreateDirectory(folder);
            using var bitmap = new SKBitmap(new SKImageInfo(Extent, Extent, SKColorType.Gray8, SKAlphaType.Opaque));
            images.Image(i).CopyTo(bitmap.GetPixelSpan());
            using var data = bitmap.Encode(isPng ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 95);
            File.WriteAllBytes(
                System.IO.Path.Combine(folder, FormattableString.Invariant($"{written:D4}.{(isPng ? "png" : "JPEG")}")),
                data.ToArray()
            );
            written++;
        }
    }

    private static string RepositoryRoot([CallerFilePath] string here = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "..", ".."));
}

using System.Runtime.InteropServices;
using SkiaSharp;

namespace Subp.Training.Images.Decoding;

/// <summary>
/// Decodes JPEG and PNG files, whatever their names end in. Transparency is dropped and not blended, orientation tags are not obeyed: as
/// the loaders do on which published accuracies rest.
/// </summary>
internal static class ImageDecoder
{
    // 100 million pixels: no photograph of a data set is larger, and a header of a few bytes can claim any size.
    private const long MostPixels = 100_000_000;

    /// <summary>Decodes a file.</summary>
    /// <exception cref="ImageUnreadableException">It is no such image, or not all of it is there.</exception>
    public static RgbImage Decode(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ImageUnreadableException("a file that cannot be opened");
        }

        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data) ?? throw new ImageUnreadableException("a file of another kind");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png))
            throw new ImageUnreadableException($"an image of the kind {codec.EncodedFormat}");

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            throw new ImageUnreadableException(FormattableString.Invariant($"an image of {width} x {height} pixels"));

        var pixels = new byte[width * height * RgbImage.BytesPerPixel];
        var handle = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            var result = codec.GetPixels(
                new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul),
                handle.AddrOfPinnedObject()
            );
            return result == SKCodecResult.Success
                ? new RgbImage(width, height, pixels)
                : throw new ImageUnreadableException(
                    result == SKCodecResult.IncompleteInput ? "an image that is cut off" : "a damaged image"
                );
        }
        finally
        {
            handle.Free();
        }
    }
}

namespace Subp.Training.Images.Decoding;

/// <summary>A decoded image.</summary>
/// <param name="Width">The pixels of a row.</param>
/// <param name="Height">The rows.</param>
/// <param name="Pixels">[height][width][4]: red, green, blue and one byte that is not used.</param>
internal sealed record RgbImage(int Width, int Height, byte[] Pixels)
{
    /// <summary>The bytes of a pixel.</summary>
    public const int BytesPerPixel = 4;
}

/// <summary>A file that is no image, or only a part of one.</summary>
/// <param name="reason">What is wrong, as a noun phrase.</param>
internal sealed class ImageUnreadableException(string reason) : Exception(reason);

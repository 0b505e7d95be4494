using Subp.Training.Numerics;

namespace Subp.Training.Images.Transforms;

/// <summary>What of an image becomes the input of the network.</summary>
/// <param name="Left">The first column of the part that is resized.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="ScaledWidth">The width it is resized to.</param>
/// <param name="ScaledHeight">The height it is resized to.</param>
/// <param name="OffsetX">The first column of the result that is used.</param>
/// <param name="OffsetY">The first row of the result that is used.</param>
/// <param name="Flip">Whether the result is mirrored left to right.</param>
internal sealed record CropPlan(
    int Left,
    int Top,
    int Width,
    int Height,
    int ScaledWidth,
    int ScaledHeight,
    int OffsetX = 0,
    int OffsetY = 0,
    bool Flip = false
)
{
    private const int Attempts = 10;
    private const double MinimumRatio = 3.0 / 4;
    private const double MaximumRatio = 4.0 / 3;

    /// <summary>
    /// A random resized crop (Szegedy et al., 2015): a part of random area and aspect ratio 3/4 to 4/3, resized to the input. After ten
    /// parts that do not fit, the largest in the middle whose ratio is allowed.
    /// </summary>
    public static CropPlan Random(
        int width,
        int height,
        int targetWidth,
        int targetHeight,
        double minimumArea,
        bool flip,
        DeterministicRandom random
    )
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = (double)width * height * (minimumArea + ((1 - minimumArea) * random.NextDouble()));
            double ratio = Math.Exp(Math.Log(MinimumRatio) + (Math.Log(MaximumRatio / MinimumRatio) * random.NextDouble()));
            int cropWidth = (int)Math.Round(Math.Sqrt(area * ratio));
            int cropHeight = (int)Math.Round(Math.Sqrt(area / ratio));
            if (cropWidth is > 0 && cropHeight is > 0 && cropWidth <= width && cropHeight <= height)
            {
                int top = random.NextInt32(height - cropHeight + 1);
                int left = random.NextInt32(width - cropWidth + 1);
                return new CropPlan(left, top, cropWidth, cropHeight, targetWidth, targetHeight, Flip: flip && Coin(random));
            }
        }

        int middleWidth = Math.Min(width, Math.Max(1, (int)Math.Round(height * MaximumRatio)));
        int middleHeight = Math.Min(height, Math.Max(1, (int)Math.Round(width / MinimumRatio)));
        return new CropPlan(
            (width - middleWidth) / 2,
            (height - middleHeight) / 2,
            middleWidth,
            middleHeight,
            targetWidth,
            targetHeight,
            Flip: flip && Coin(random)
        );
    }

    /// <summary>The shorter side is resized to a length, and the middle of the result is used.</summary>
    /// <param name="width">The width of the image.</param>
    /// <param name="height">Its height.</param>
    /// <param name="shorterSide">The length of the shorter side after resizing; at least both targets.</param>
    /// <param name="targetWidth">The width of the input.</param>
    /// <param name="targetHeight">The height of the input.</param>
    public static CropPlan Centre(int width, int height, int shorterSide, int targetWidth, int targetHeight)
    {
        int scaledWidth = width <= height ? shorterSide : (int)((long)shorterSide * width / height);
        int scaledHeight = width <= height ? (int)((long)shorterSide * height / width) : shorterSide;
        return new CropPlan(
            0,
            0,
            width,
            height,
            scaledWidth,
            scaledHeight,
            (int)Math.Round((scaledWidth - targetWidth) / 2.0),
            (int)Math.Round((scaledHeight - targetHeight) / 2.0)
        );
    }

    private static bool Coin(DeterministicRandom random) => (random.NextUInt64() >> 63) != 0;
}

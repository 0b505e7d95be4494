namespace Subp.Training.Synthesis;

/// <summary>The mean squared difference of pixels that are neighbours in a column, plus that of neighbours in a row.</summary>
internal static class Roughness
{
    /// <summary>Adds its gradient.</summary>
    /// <param name="images">Planes of pixels behind each other.</param>
    /// <param name="height">The rows of a plane.</param>
    /// <param name="width">The columns of a plane.</param>
    /// <param name="weight">What it counts.</param>
    /// <param name="gradient">What is added to.</param>
    public static void AddGradient(ReadOnlySpan<float> images, int height, int width, float weight, Span<float> gradient)
    {
        var planes = images.Length / (height * width);
        AddAlong(
            images,
            width,
            height,
            width,
            height > 1 ? 2 * weight / ((float)planes * (height - 1) * width) : 0,
            gradient,
            isColumn: true
        );
        AddAlong(images, 1, height, width, width > 1 ? 2 * weight / ((float)planes * height * (width - 1)) : 0, gradient, isColumn: false);
    }

    private static void AddAlong(
        ReadOnlySpan<float> images,
        int step,
        int height,
        int width,
        float weight,
        Span<float> gradient,
        bool isColumn
    )
    {
        for (var index = 0; index < images.Length; index++)
        {
            var isLast = isColumn ? index / width % height == height - 1 : index % width == width - 1;
            if (isLast)
                continue;
            var slope = weight * (images[index + step] - images[index]);
            gradient[index + step] += slope;
            gradient[index] -= slope;
        }
    }
}

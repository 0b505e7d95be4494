using Subp.Core.Graphs;
using Subp.Training.Numerics;

namespace Subp.Training.Distilling;

/// <summary>
/// Images in a random order, each moved by some pixels and mixed with others, so that few of them are not learned by heart.
/// </summary>
internal sealed class ShiftedImages
{
    private readonly float[][] _images;
    private readonly TensorShape _shape;
    private readonly int _shift;

    /// <summary>Takes images.</summary>
    /// <param name="inputs">Inputs of a network, of as many images each as its shape says.</param>
    /// <param name="shape">The shape of an input.</param>
    /// <param name="shift">The most pixels along each axis.</param>
    public ShiftedImages(IReadOnlyList<float[]> inputs, TensorShape shape, int shift)
    {
        (_shape, _shift) = (shape, shift);
        Length = shape.ElementCount / shape.Batch;
        _images = [.. inputs.SelectMany(input => input.Chunk(Length))];
    }

    /// <summary>The number of images.</summary>
    public int Count => _images.Length;

    /// <summary>The numbers of an image.</summary>
    public int Length { get; }

    /// <summary>Puts them in a new order.</summary>
    public void Shuffle(DeterministicRandom random)
    {
        for (var index = _images.Length - 1; index > 0; index--)
        {
            var other = random.NextInt32(index + 1);
            (_images[index], _images[other]) = (_images[other], _images[index]);
        }
    }

    /// <summary>An image of the present order, as it is.</summary>
    public ReadOnlySpan<float> this[int index] => _images[index];

    /// <summary>Copies images of the present order behind each other, each moved.</summary>
    public void Load(int first, int count, Span<float> target, DeterministicRandom random)
    {
        for (var index = 0; index < count; index++)
        {
            var down = random.NextInt32((2 * _shift) + 1) - _shift;
            var right = random.NextInt32((2 * _shift) + 1) - _shift;
            Move(_images[first + index], down, right, target.Slice(index * Length, Length));
        }
    }

    /// <summary>Mixes loaded images, each with any of all images in any proportion.</summary>
    public void Mix(Span<float> loaded, DeterministicRandom random)
    {
        var other = new float[Length];
        for (; !loaded.IsEmpty; loaded = loaded[Length..])
        {
            Load(random.NextInt32(Count), 1, other, random);
            var share = (float)random.NextDouble();
            for (var place = 0; place < Length; place++)
                loaded[place] += share * (other[place] - loaded[place]);
        }
    }

    private void Move(float[] image, int down, int right, Span<float> target)
    {
        var (height, width) = (_shape.Height, _shape.Width);
        for (var row = 0; row < target.Length / width; row++)
        {
            var plane = row / height * height;
            var source = image.AsSpan((plane + Math.Clamp((row % height) - down, 0, height - 1)) * width, width);
            for (var column = 0; column < width; column++)
                target[(row * width) + column] = source[Math.Clamp(column - right, 0, width - 1)];
        }
    }
}

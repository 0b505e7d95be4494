using Subp.Core.Graphs;
using Subp.Training.Distilling;
using Subp.Training.Numerics;

namespace Subp.Training.Tests.Distilling;

public sealed class ShiftedImagesTests
{
    private static readonly TensorShape s_shape = new(2, 2, 3, 4);

    [Fact]
    public void Every_image_of_every_input_comes_once_in_a_pass()
    {
        float[][] inputs = [Input(0), Input(100), Input(200)];
        var images = new ShiftedImages(inputs, s_shape, shift: 0);
        Assert.Equal((6, 24), (images.Count, images.Length));
        var random = new DeterministicRandom(1);
        images.Shuffle(random);
        var loaded = new float[6 * 24];
        images.Load(0, 2, loaded.AsSpan(0, 2 * 24), random);
        images.Load(2, 4, loaded.AsSpan(2 * 24), random);
        Assert.Equal(inputs.SelectMany(input => input.Chunk(24)).OrderBy(image => image[0]), loaded.Chunk(24).OrderBy(image => image[0]));
        Assert.NotEqual(inputs.SelectMany(input => input), loaded);
    }

    [Fact]
    public void All_channels_of_an_image_move_alike_and_the_border_is_repeated()
    {
        var images = new ShiftedImages([Input(0)], s_shape, shift: 1);
        var random = new DeterministicRandom(1);
        var seen = new HashSet<(int Down, int Right)>();
        for (var time = 0; time < 200; time++)
        {
            var loaded = new float[24];
            images.Load(0, 1, loaded, random);
            seen.Add(Assert.Single(Moves(), move => loaded.SequenceEqual(Moved(move.Down, move.Right))));
        }

        Assert.Equal(9, seen.Count);
    }

    [Fact]
    public void Mixed_images_lie_between_two_in_any_proportion()
    {
        var images = new ShiftedImages(
            [
                [.. Enumerable.Repeat(0f, 24), .. Enumerable.Repeat(1f, 24)],
            ],
            s_shape,
            shift: 1
        );
        var random = new DeterministicRandom(1);
        var seen = new List<float>();
        for (var time = 0; time < 200; time++)
        {
            var loaded = new float[2 * 24];
            images.Load(0, 2, loaded, random);
            images.Mix(loaded, random);
            Assert.All(loaded.Chunk(24), image => seen.Add(Assert.Single(image.Distinct())));
        }

        // Half of the images meet one like themselves; of the others all proportions are alike.
        Assert.InRange(seen.Count(value => value is 0 or 1), 150, 250);
        Assert.InRange(seen.Where(value => value is not (0 or 1)).Average(), 0.4, 0.6);
        Assert.InRange(seen.Where(value => value is not (0 or 1)).Min(), 0, 0.05);
    }

    private static IEnumerable<(int Down, int Right)> Moves() =>
        from down in Enumerable.Range(-1, 3)
        from right in Enumerable.Range(-1, 3)
        select (down, right);

    private static IEnumerable<float> Moved(int down, int right) =>
        from channel in Enumerable.Range(0, 2)
        from row in Enumerable.Range(0, 3)
        from column in Enumerable.Range(0, 4)
        select (float)((channel * 12) + (Math.Clamp(row - down, 0, 2) * 4) + Math.Clamp(column - right, 0, 3));

    private static float[] Input(int first) => [.. Enumerable.Range(first, s_shape.ElementCount).Select(value => (float)value)];
}

using Subp.Training.Images.Decoding;
using Subp.Training.Images.Transforms;
using Subp.Training.Numerics;

namespace Subp.Training.Images.Tests;

public class TransformTests
{
    private static readonly (float, float)[] s_plain = [(1, 0), (1, 0), (1, 0)];

    [Fact]
    public void Resizing_agrees_with_Pillow_to_one_level()
    {
        // Image.fromarray(a).resize((3, 4), Image.BILINEAR) of a[y, x, c] = (31 x + 17 y + 53 c) % 256.
        int[] expected =
        [
            31,
            84,
            137,
            97,
            150,
            188,
            163,
            194,
            68,
            51,
            104,
            157,
            117,
            170,
            183,
            183,
            145,
            65,
            71,
            124,
            177,
            137,
            181,
            168,
            203,
            101,
            53,
            91,
            144,
            197,
            157,
            195,
            108,
            223,
            75,
            73,
        ];
        var result = new float[3 * 4 * 3];
        Resampler.Resample(Pattern(7, 5), new CropPlan(0, 0, 7, 5, 3, 4), s_plain, 3, 4, result);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], result[(i % 3 * 12) + (i / 3)], 1f);

        int[] enlarged = [27, 48, 72, 96, 120, 144, 168, 192, 213];
        var larger = new float[3 * 9 * 6];
        Resampler.Resample(Pattern(7, 5), new CropPlan(0, 0, 7, 5, 9, 6), s_plain, 9, 6, larger);
        Assert.All(enlarged.Select((value, x) => (value, larger[18 + x])), pair => Assert.Equal(pair.value, pair.Item2, 1f));
    }

    [Fact]
    public void A_window_of_the_result_is_what_the_whole_result_has_there_and_a_flip_mirrors_it()
    {
        var whole = new float[3 * 8 * 8];
        var window = new float[3 * 4 * 4];
        Resampler.Resample(Pattern(7, 5), new CropPlan(0, 0, 7, 5, 8, 8), s_plain, 8, 8, whole);
        Resampler.Resample(Pattern(7, 5), new CropPlan(0, 0, 7, 5, 8, 8, 2, 3, Flip: true), s_plain, 4, 4, window);
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 4; x++)
                Assert.Equal(whole[((y + 3) * 8) + 2 + (3 - x)], window[(y * 4) + x]);
        }
    }

    [Fact]
    public void Random_crops_lie_within_the_image_and_within_area_and_ratio()
    {
        var random = new DeterministicRandom(3);
        for (int i = 0; i < 2000; i++)
        {
            var plan = CropPlan.Random(500, 375, 224, 224, 0.08, flip: true, random);
            Assert.True(plan.Left >= 0 && plan.Top >= 0 && plan.Left + plan.Width <= 500 && plan.Top + plan.Height <= 375, plan.ToString());
            Assert.InRange(plan.Width * plan.Height / (500.0 * 375), 0.078, 1);
            Assert.InRange((double)plan.Width / plan.Height, 0.73, 1.36);
        }

        // Nothing fits a strip of one row within ten attempts; the fallback does.
        var strip = CropPlan.Random(1000, 1, 8, 8, 1, flip: false, random);
        Assert.Equal((499, 0, 1, 1), (strip.Left, strip.Top, strip.Width, strip.Height));
    }

    [Fact]
    public void The_centre_crop_resizes_the_shorter_side()
    {
        Assert.Equal(new CropPlan(0, 0, 500, 375, 341, 256, 58, 16), CropPlan.Centre(500, 375, 256, 224, 224));
        Assert.Equal(new CropPlan(0, 0, 300, 600, 256, 512, 16, 144), CropPlan.Centre(300, 600, 256, 224, 224));
    }

    private static RgbImage Pattern(int width, int height)
    {
        var pixels = new byte[width * height * RgbImage.BytesPerPixel];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((31 * (i / 4 % width)) + (17 * (i / 4 / width)) + (53 * (i % 4)));

        return new RgbImage(width, height, pixels);
    }
}

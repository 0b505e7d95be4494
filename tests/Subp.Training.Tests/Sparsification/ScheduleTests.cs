using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Sparsification;

public class ScheduleTests
{
    [Theory]
    [InlineData(10, 0, 0, 0, 0)]
    [InlineData(20, .0588, .0043, .3936, .0002)]
    [InlineData(53, .2529, .0779, .8837, .0162)]
    [InlineData(95, .5000, .2929, .9859, .1250)]
    [InlineData(138, .7529, .6216, .9986, .4269)]
    [InlineData(170, .9412, .9077, .9999, .8337)]
    [InlineData(180, 1, 1, 1, 1)]
    public void The_four_shapes_have_the_published_values(int epoch, double linear, double cosine, double exponential, double cubic)
    {
        Assert.Equal(linear, Fraction(ScheduleShape.Linear, epoch), 4);
        Assert.Equal(cosine, Fraction(ScheduleShape.Cosine, epoch), 4);
        Assert.Equal(exponential, Fraction(ScheduleShape.Exponential, epoch), 4);
        Assert.Equal(cubic, Fraction(ScheduleShape.Cubic, epoch), 4);
    }

    [Fact]
    public void A_schedule_that_ends_at_once_is_one_shot()
    {
        foreach (var shape in Enum.GetValues<ScheduleShape>())
            Assert.Equal(1, new SparsitySchedule(shape, 0, 0).Fraction(0));
    }

    [Fact]
    public void A_ramp_of_one_epoch_steps_from_dense_to_the_target()
    {
        foreach (var shape in Enum.GetValues<ScheduleShape>())
        {
            var schedule = new SparsitySchedule(shape, 3, 4);
            Assert.Equal(0, schedule.Fraction(3));
            Assert.Equal(1, schedule.Fraction(4));
        }
    }

    [Theory]
    [InlineData(60 / 128.0, 64, 34)]
    [InlineData(60 / 128.0, 512, 272)]
    [InlineData(59 / 128.0, 128, 69)]
    [InlineData(66 / 128.0, 2048, 992)]
    [InlineData(98.5 / 128.0, 128, 30)]
    [InlineData(98.5 / 128.0, 1024, 236)]
    [InlineData(69 / 128.0, 32, 15)]
    [InlineData(69 / 128.0, 256, 118)]
    [InlineData(0.75, 16, 4)]
    public void Kept_blocks_at_the_target_are_the_published_counts(double rate, int channels, int kept)
    {
        Assert.Equal(kept, BlockCounts.For(channels, rate, rate).Kept);
    }

    [Theory]
    [InlineData(ScheduleShape.Linear, 53, 222)]
    [InlineData(ScheduleShape.Linear, 95, 190)]
    [InlineData(ScheduleShape.Linear, 138, 156)]
    [InlineData(ScheduleShape.Linear, 179, 124)]
    [InlineData(ScheduleShape.Cubic, 53, 253)]
    [InlineData(ScheduleShape.Cubic, 138, 199)]
    [InlineData(ScheduleShape.Cubic, 179, 126)]
    public void Kept_blocks_on_the_way_are_the_published_counts(ScheduleShape shape, int epoch, int kept)
    {
        const double rate = 66 / 128.0;
        double current = new SparsitySchedule(shape, 10, 180).Rate(rate, epoch);

        Assert.Equal(kept, BlockCounts.For(256, rate, current).Kept);
    }

    private static double Fraction(ScheduleShape shape, int epoch) => new SparsitySchedule(shape, 10, 180).Fraction(epoch);
}

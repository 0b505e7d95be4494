using Microsoft.Extensions.Configuration;
using WebApi.Options;
using Xunit;

namespace Subp.Samples.WebApi.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("QueueCapacity", "0", "Serving:QueueCapacity: found 0, expected 1 to 1000000.")]
    [InlineData("QueueCapacity", "many", "Failed to convert configuration value 'many' at 'Serving:QueueCapacity'")]
    [InlineData(
        "QueueCapacty",
        "4",
        "Serving:QueueCapacty: found an option that is not known, expected one of Workers, ThreadsPerSession, QueueCapacity,"
    )]
    [InlineData("queuecapacity", "0", "Serving:QueueCapacity: found 0, expected 1 to 1000000.")]
    [InlineData("ThreadsPerSession", "3", "Serving:ThreadsPerSession: found 3, expected one of the compiled thread counts: 1, 2.")]
    [InlineData("DrainDelay", "00:01:00", "Serving:DrainDelay: found 00:01:00, expected 00:00:00 to less than ShutdownTimeout")]
    public void An_option_that_cannot_be_used_is_named_with_what_is_allowed(string name, string value, string complaint)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Serving:{name}", value)]).Build();
        ServingOptionsRules.Read(configuration, out var complaints);
        Assert.Contains(complaint, Assert.Single(complaints), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_is_known()
    {
        var settable = typeof(ServingOptions).GetProperties().Where(property => property.CanWrite);
        foreach (var property in settable)
        {
            var value = Convert.ToString(property.GetValue(new ServingOptions()), System.Globalization.CultureInfo.InvariantCulture);
            var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Serving:{property.Name}", value)]).Build();
            ServingOptionsRules.Read(configuration, out var complaints);
            Assert.Empty(complaints);
        }
    }

    [Fact]
    public void The_defaults_hold()
    {
        var options = ServingOptionsRules.Read(new ConfigurationBuilder().Build(), out var complaints);
        Assert.Empty(complaints);
        Assert.InRange(options.EffectiveWorkers, 1, Environment.ProcessorCount);
    }
}

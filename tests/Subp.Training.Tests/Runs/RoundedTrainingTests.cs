using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;

namespace Subp.Training.Tests.Runs;

/// <summary>Trainings of the embedded engine that round as a network of bytes does, and an engine that cannot.</summary>
public sealed class RoundedTrainingTests : RoundedTrainingConformance
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits_and_ranges() =>
        AssertSame(Train(s_recipe, "one", threads: 1), Train(s_recipe, "three", threads: 3));

    [Fact]
    public void Products_of_values_are_rounded_where_an_engine_trains_them()
    {
        var builder = new GraphBuilder("products");
        string x = builder.Conv2d("conv", builder.Input("image", new TensorShape(1, 1, 4, 4)), 4, Window.Square(3, 1, 1));
        string gate = builder.Node("gate", new GlobalAveragePool(), x);
        x = builder.Node("relu", Activate.Relu, builder.Node("scaled", new Mul(), x, gate));
        builder.Output(builder.Linear("fc", builder.Node("flat", new Flatten(), x), 2));
        var network = new TrainedNetwork(builder.Build(), isRounded: true);
        Assert.Equal(["image", "conv", "gate", "relu"], network.Ranges.Select(range => range.Key));
    }

    [Fact]
    public void An_engine_that_rounds_nothing_is_answered_with_SUBP0281()
    {
        var exception = Assert.Throws<SubpException>(() => Train(s_recipe, "floats", provider: new FloatsAlone()));
        Assert.Equal("SUBP0281", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("engine 'another'", exception.Message, StringComparison.Ordinal);
    }

    // An engine from before there were ranges.
    private sealed class FloatsAlone : ITrainingEngineProvider
    {
        public string Name => "another";

        public string? Remark => null;

        public ITrainingEngine Create(EngineRequest request) => new RenamedEngine(EmbeddedProvider.Instance.Create(request));
    }
}

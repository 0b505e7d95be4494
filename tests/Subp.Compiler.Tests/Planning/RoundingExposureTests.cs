using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>Layers whose rounding many residual sums may multiply keep to exact kernels where an output shows every pixel.</summary>
public sealed class RoundingExposureTests
{
    private static readonly Window s_same = Window.Square(3, padding: 1);

    [Fact]
    public void The_first_layers_of_a_deep_residual_network_over_pixels_are_exact()
    {
        var layers = Plan(blocks: 8, pooled: false);
        Assert.Null(Assert.IsType<WinogradPlan>(layers["last"]).ChoiceReason);
        Assert.Equal(WinogradTransform.Four, ((WinogradPlan)layers["block7"]).Transform);
        Assert.Equal(WinogradTransform.Four, ((WinogradPlan)layers["block3"]).Transform);
        Assert.Equal(WinogradTransform.Two, ((WinogradPlan)layers["block2"]).Transform);
        Assert.Equal(WinogradTransform.Two, ((WinogradPlan)layers["block0"]).Transform);
        Assert.Contains("kept to exact kernels", layers["block0"].ChoiceReason!, StringComparison.Ordinal);
        Assert.Equal(1, Assert.IsType<ConvolutionPlan>(layers["stem"]).StretchBlocks);
    }

    [Fact]
    public void A_network_that_ends_in_a_mean_of_all_pixels_is_as_fast_as_ever()
    {
        var layers = Plan(blocks: 8, pooled: true);
        Assert.Equal(WinogradTransform.Four, ((WinogradPlan)layers["block0"]).Transform);
        Assert.Equal(WinogradTransform.FourByFour, ((WinogradPlan)layers["stem"]).Transform);
    }

    [Fact]
    public void A_shallow_network_over_pixels_is_as_fast_as_ever() =>
        Assert.Equal(WinogradTransform.Four, ((WinogradPlan)Plan(blocks: 4, pooled: false)["block0"]).Transform);

    private static Dictionary<string, LayerPlan> Plan(int blocks, bool pooled)
    {
        var builder = new GraphBuilder("net");
        var value = builder.Input("image", new TensorShape(1, 3, 96, 96));
        value = builder.Conv2d("stem", value, 64, Window.Square(7, stride: 2, padding: 3), bias: true, activation: Activation.Relu);
        for (var block = 0; block < blocks; block++)
        {
            var branch = builder.Conv2d($"block{block}", value, 64, s_same, bias: true, activation: Activation.Relu);
            branch = builder.Conv2d($"expand{block}", branch, 64, Window.Square(1), bias: true);
            value = builder.Node($"sum{block}", new Add { Activation = Activation.Relu }, branch, value);
        }

        value = builder.Conv2d("last", value, 64, s_same, bias: true);
        builder.Output(pooled ? builder.Node("pool", new GlobalAveragePool(), value) : value);
        return ModelPlanner
            .Plan(builder.Build(), new CompileOptions())
            .Layers.GroupBy(layer => layer.Node.Name, StringComparer.Ordinal)
            .ToDictionary(layers => layers.Key, layers => layers.First(), StringComparer.Ordinal);
    }
}

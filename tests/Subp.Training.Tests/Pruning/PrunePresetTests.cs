using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Training.Models;
using Subp.Training.Pruning;

namespace Subp.Training.Tests.Pruning;

/// <summary>The presets on the networks they were published for. Operations and kept blocks are those of the SUBP publication.</summary>
public class PrunePresetTests
{
    public static TheoryData<string> Names => [.. PrunePreset.All.Select(preset => preset.Name)];

    [Theory]
    [InlineData("resnet18-60/128", "resnet18", 1.0301e9)]
    [InlineData("resnet34-59/128", "resnet34", 2.0410e9)]
    [InlineData("resnet50-66/128", "resnet50", 2.0484e9)]
    [InlineData("resnet50-98.5/128", "resnet50", 1.0380e9)]
    [InlineData("mobilenetv1-69/128", "mobilenet-v1", 281.5e6)]
    public void The_layers_and_the_rate_of_a_preset_give_the_published_operations_to_four_digits(
        string name,
        string network,
        double published
    )
    {
        var preset = PrunePreset.Find(name);
        var graph = ModelZoo.Build(network, new TensorShape(1, 3, 224, 224), 1000);
        preset.RequireFits(graph);
        var pruned = PruneSelection
            .Decide(graph, preset.Options)
            .Where(layer => layer.DenseReason is null)
            .Select(layer => layer.Node)
            .ToHashSet();

        Assert.Equal(preset.Layers, pruned.Count);
        double operations = graph
            .Nodes.Where(node => node.Operator is Conv2d or Linear)
            .Sum(node =>
                (LayerCost.Of(graph, node).DenseMacs + (double)node.Shape.ElementCount)
                * (pruned.Contains(node.Name) ? 1 - preset.Options.Sparsity : 1)
            );
        Assert.Equal(1, operations / published, 5e-4 / 2);
    }

    [Theory]
    [InlineData("resnet18-60/128", "resnet18", 64, 34)]
    [InlineData("resnet34-59/128", "resnet34", 512, 276)]
    [InlineData("resnet50-66/128", "resnet50", 2048, 992)]
    [InlineData("resnet50-98.5/128", "resnet50", 128, 30)]
    [InlineData("mobilenetv1-69/128", "mobilenet-v1", 32, 15)]
    public void A_group_keeps_the_published_number_of_blocks(string name, string network, int channels, int kept)
    {
        var graph = ModelZoo.Build(network, new TensorShape(1, 3, 224, 224), 1000);
        var layers = PruneSelection
            .Decide(graph, PrunePreset.Find(name).Options)
            .Where(layer => layer.Grid?.InputChannels == channels)
            .ToArray();

        Assert.NotEmpty(layers);
        Assert.All(layers, layer => Assert.Equal(kept, layer.Counts.Kept));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_preset_refuses_another_network(string name)
    {
        var preset = PrunePreset.Find(name);
        var graph = ModelZoo.Build("vgg16-bn", new TensorShape(1, 3, 64, 64), 10);
        Assert.Equal("SUBP0513", Assert.Throws<SubpException>(() => preset.RequireFits(graph)).Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void The_presets_are_listed_in_the_documentation()
    {
        string text = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "recipes.md"));
        Assert.All(PrunePreset.All, preset => Assert.Contains($"`{preset.Name}`", text, StringComparison.Ordinal));
    }

    private static string RepositoryRoot([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}

using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Models;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Sparsification;

public class LayerSelectionTests
{
    [Fact]
    public void The_default_takes_all_convolutions_of_the_blocks_but_neither_stem_nor_shortcuts()
    {
        Assert.Equal(
            ["stage1.conv1", "stage1.conv2", "stage2.conv1", "stage2.conv2", "stage3.conv1", "stage3.conv2"],
            Names(Select(16, [], []))
        );
    }

    [Fact]
    public void Layers_with_few_input_channels_stay_dense()
    {
        Assert.Equal(["stage2.conv2", "stage3.conv1", "stage3.conv2"], Names(Select(64, [], [])));
    }

    [Fact]
    public void Patterns_include_and_exclude()
    {
        Assert.Equal(["stage2.shortcut", "stage3.shortcut"], Names(Select(16, ["*.shortcut"], [])));
        Assert.Equal(["stage2.conv1", "stage2.conv2"], Names(Select(16, [], ["stage1.*", "stage3.*"])));
    }

    [Fact]
    public void Channels_that_are_not_divisible_are_answered_with_layer_channels_and_the_nearest_block_length()
    {
        var graph = FashionResNet8.Build(FashionMnist.Metadata, [32, 40, 64]);
        var exception = Assert.Throws<SubpException>(() => LayerSelection.Select(graph, 16, 16, [], []));

        Assert.Equal("SUBP0206", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("stage2.conv1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("40 output channels and N = 16", exception.Message, StringComparison.Ordinal);
        Assert.Contains("N = 20", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_selection_is_answered_with_SUBP0509()
    {
        var exception = Assert.Throws<SubpException>(() => Select(16, [], ["*"]));
        Assert.Equal("SUBP0509", exception.Diagnostic.Descriptor.Id);
    }

    [Theory]
    [InlineData("stage2.conv3", "Did you mean 'stage2.conv1'?")]
    [InlineData("block*", "There are: stem")]
    public void A_name_of_no_layer_is_answered_with_the_one_that_was_meant(string name, string suggestion)
    {
        foreach (var select in new Action[] { () => Select(16, [name], []), () => Select(16, [], [name]) })
        {
            var exception = Assert.Throws<SubpException>(select);
            Assert.Equal("SUBP0511", exception.Diagnostic.Descriptor.Id);
            Assert.Contains(suggestion, exception.Message, StringComparison.Ordinal);
        }
    }

    private static IReadOnlyList<MaskedLayer> Select(int minimum, string[] include, string[] exclude) =>
        LayerSelection.Select(FashionResNet8.Build(FashionMnist.Metadata), 16, minimum, include, exclude);

    private static string[] Names(IReadOnlyList<MaskedLayer> layers) => [.. layers.Select(layer => layer.Node)];
}

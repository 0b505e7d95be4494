using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Recipes;

public class RecipePresetTests
{
    public static TheoryData<string> Names => [.. RecipePreset.All.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_preset_is_valid_and_prunes_the_published_layers(string name)
    {
        var preset = RecipePreset.All.Single(preset => preset.Name == name);
        var recipe = RecipePreset.Find(name, preset.Network);
        RecipeRules.Verify(recipe);
        var graph = ModelZoo.Build(preset.Network, new TensorShape(1, 3, 224, 224), 1000);
        foreach (int length in new[] { 16, 32 })
        {
            var layers = LayerSelection.Select(graph, length, recipe.MinimumInputChannels, recipe.Include, recipe.Exclude);
            int expected = preset.Network switch
            {
                "resnet18" => 16,
                "resnet34" => 32,
                "resnet50" => 52,
                _ => 13,
            };
            Assert.Equal(expected, layers.Count);
        }
    }

    [Fact]
    public void Every_published_network_has_both_sets_of_hyper_parameters()
    {
        Assert.Equal(10, RecipePreset.All.Count);
        Assert.Equal(200, RecipePreset.Find("resnet18-60/128", "resnet18").BatchSize);
        Assert.Equal(0.256, RecipePreset.Find("resnet50-66/128-earlier", "resnet50").LearningRate);
    }

    [Theory]
    [InlineData("resnet18-60/129", "resnet18", "Did you mean 'resnet18-60/128'?")]
    [InlineData("resnet18-60/128", "resnet34", "'resnet34-59/128'")]
    [InlineData("resnet18-60/128", "vgg16-bn", "one by one")]
    public void A_preset_of_another_network_and_an_unknown_one_are_refused(string name, string network, string action)
    {
        var refusal = Assert.Throws<SubpException>(() => RecipePreset.Find(name, network)).Diagnostic;
        Assert.Equal("SUBP0574", refusal.Descriptor.Id);
        Assert.Contains(action, refusal.Action, StringComparison.Ordinal);
    }
}

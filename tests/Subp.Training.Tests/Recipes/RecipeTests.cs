using Subp.Core.Diagnostics;
using Subp.Training.Recipes;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Recipes;

public class RecipeTests
{
    [Fact]
    public void A_recipe_survives_its_text()
    {
        var recipe = TrainingRecipe.QuickstartSparse with
        {
            Criterion = ImportanceCriterion.L2,
            LearningRate = 0.0123,
            Seed = ulong.MaxValue,
        };
        string text = RecipeFile.Print(recipe);

        Assert.Equal(text, RecipeFile.Print(RecipeFile.Parse(text, "recipe")));
        Assert.Contains("\"criterion\": \"l2\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"epoch\": 3}")]
    [InlineData("{\"epochs\": \"many\"}")]
    [InlineData("{\"criterion\": \"best\"}")]
    [InlineData("{\"criterion\": 1}")]
    [InlineData("{\"include\": null}")]
    [InlineData("{\"include\": [null]}")]
    [InlineData("{\"exclude\": [\"stem\", null]}")]
    [InlineData("{\"epochs\": 3, \"epochs\": 4}")]
    [InlineData("{\"epochs\": 3, \"nothing\": [{\"a\": 1, \"a\": 1}]}")]
    [InlineData("{\"epochs\": 0}")]
    [InlineData("{\"epochs\": 10, \"scheduleEnd\": 10}")]
    [InlineData("{\"scheduleStart\": 21}")]
    [InlineData("{\"sparsity\": 1}")]
    [InlineData("{\"learningRate\": 0}")]
    [InlineData("{\"momentum\": 1}")]
    [InlineData("{\"warmupEpochs\": 30}")]
    [InlineData("{\"tau\": 0}")]
    public void Text_that_is_no_recipe_is_answered_with_SUBP0505(string text)
    {
        var exception = Assert.Throws<SubpException>(() => RecipeFile.Parse(text, "recipe.json"));
        Assert.Equal("SUBP0505", exception.Diagnostic.Descriptor.Id);
    }

    [Theory]
    [InlineData("{\"epochs\": 3, \"seed\": 1, \"epochs\": 4}", "'epochs' twice")]
    [InlineData("{\"include\": [null]}", "null in a list of layers")]
    public void What_is_wrong_with_a_text_is_named(string text, string found) =>
        Assert.Equal(found, Assert.Throws<SubpException>(() => RecipeFile.Parse(text, "recipe.json")).Diagnostic.Found);

    [Fact]
    public void The_presets_are_valid()
    {
        RecipeRules.Verify(new TrainingRecipe());
        RecipeRules.Verify(TrainingRecipe.QuickstartDense);
        RecipeRules.Verify(TrainingRecipe.QuickstartSparse);
    }
}

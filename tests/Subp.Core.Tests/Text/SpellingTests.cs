using Subp.Core.Text;

namespace Subp.Core.Tests.Text;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("complie", "compile")]
    [InlineData("comapre", "compare")]
    [InlineData("sbup", "subp")]
    [InlineData("tune", "tune")]
    [InlineData("sparsities", null)]
    public void The_nearest_word_is_the_one_with_the_fewest_edits_and_a_swap_is_one(string word, string? nearest) =>
        Assert.Equal(nearest, Spelling.Nearest(word, ["compare", "compile", "subp", "tune"]));

    [Fact]
    public void Where_nothing_is_near_all_words_are_listed() =>
        Assert.Equal("Known are: one, two.", Spelling.Suggest("quantisation", ["one", "two"]));
}

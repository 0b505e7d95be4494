using Subp.Roslyn;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>A class, how a network scored it for one image, and the share of it after a softmax.</summary>
/// <param name="Index">The number of the class.</param>
/// <param name="Name">Its name.</param>
/// <param name="Output">The output of the network.</param>
/// <param name="Softmax">Its share, 0 to 1.</param>
internal sealed record ClassScore(int Index, string Name, float Output, double Softmax);

/// <summary>The best classes of one image of a batch.</summary>
/// <param name="Image">Which image of the batch, from 0.</param>
/// <param name="Classes">The best classes, best first.</param>
internal sealed record ClassRanking(int Image, IReadOnlyList<ClassScore> Classes)
{
    /// <summary>Ranks the outputs of an image.</summary>
    /// <param name="output">The outputs of the whole batch.</param>
    /// <param name="images">How many images they are about.</param>
    /// <param name="image">The image.</param>
    /// <param name="model">The model, which names the classes.</param>
    /// <param name="top">The most classes.</param>
    public static ClassRanking Of(float[] output, int images, int image, LoadedModel model, int top)
    {
        var count = output.Length / images;
        var values = output.AsSpan(image * count, count).ToArray();
        var largest = values.Max();
        var sum = values.Sum(value => Math.Exp(value - largest));
        return new ClassRanking(
            image,
            [
                .. values
                    .Index()
                    .OrderByDescending(entry => entry.Item)
                    .Take(top)
                    .Select(entry => new ClassScore(
                        entry.Index,
                        ClassName(model, entry.Index),
                        entry.Item,
                        Math.Exp(entry.Item - largest) / sum
                    )),
            ]
        );
    }

    /// <summary>The name of a class, or its number where the model names none.</summary>
    public static string ClassName(LoadedModel model, int index) =>
        index < model.ClassNames.Count ? model.ClassNames[index] : FormattableString.Invariant($"class {index}");

    /// <summary>Writes the classes as a table.</summary>
    public void Write(TextWriter writer)
    {
        var table = new TextTable("class", ">output", ">softmax");
        foreach (var score in Classes)
            table.Add(score.Name, Figures.Fixed(score.Output, 4), Figures.Percent(score.Softmax, 2));
        table.Write(writer);
    }
}

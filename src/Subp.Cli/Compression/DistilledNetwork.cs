using Subp.Cli.Terminal;
using Subp.Core.Weights;
using Subp.Tooling.Text;
using Subp.Training.Distilling;

namespace Subp.Cli.Compression;

/// <summary>A network that was made smaller and learned to answer as the original does.</summary>
/// <param name="Model">The network.</param>
/// <param name="Passes">The passes over the inputs that it learned in; 0 where it did not, or where what it learned was left out.</param>
internal sealed record DistilledNetwork(Model Model, int Passes)
{
    /// <summary>Trains what is left.</summary>
    /// <param name="changed">The network that was made smaller, with its batch normalisations.</param>
    /// <param name="original">The network whose answers it learns.</param>
    /// <param name="isSmaller">Whether anything was removed; what gives the answers of the original already learns nothing.</param>
    /// <param name="inputs">What it learns them on.</param>
    /// <param name="epochs">The passes; 0 leaves the network as it is.</param>
    /// <param name="context">Hears of the progress.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0508: it cannot be trained. SUBP0506: its loss grew out of
    /// bounds.</exception>
    public static DistilledNetwork Create(
        Model changed,
        Model original,
        bool isSmaller,
        IReadOnlyList<float[]>? inputs,
        int epochs,
        CommandContext context
    )
    {
        if (epochs > 0 && !isSmaller)
            context.Log("nothing was removed: there is nothing to learn");
        if (epochs == 0 || !isSmaller)
            return new(changed, 0);
        var result = changed;
        context.WithProgress(
            "answers of the original",
            progress =>
                result = UnlabelledDistillation.Distill(
                    changed,
                    original,
                    inputs ?? throw new ArgumentNullException(nameof(inputs)),
                    new DistillationOptions { Epochs = epochs },
                    (share, loss) => progress(share, $"{Figures.Fixed(loss, 4)} off"),
                    context.Cancellation
                )
        );
        var isLeftOut = ReferenceEquals(result, changed);
        if (isLeftOut)
            context.Log("learning brought the answers to these inputs no nearer to those of the original, and is left out");
        return new(result, isLeftOut ? 0 : epochs);
    }

    /// <summary>What was learned, as part of a message; nothing where it was nothing.</summary>
    public static IReadOnlyList<string> Sentence(int passes) =>
        passes > 0 ? [FormattableString.Invariant($"the answers of the original learned in {passes} passes")] : [];
}

using Subp.Cli.Terminal;
using Subp.Core.Weights;
using Subp.Tooling.Text;
using Subp.Training.Distilling;

namespace Subp.Cli.Compression;

/// <summary>A network that was made smaller and learned to answer as the original does.</summary>
internal static class DistilledNetwork
{
    /// <summary>Trains what is left.</summary>
    /// <param name="changed">The network that was made smaller, with its batch normalisations.</param>
    /// <param name="original">The network whose answers it learns.</param>
    /// <param name="inputs">What it learns them on.</param>
    /// <param name="epochs">The passes; 0 leaves the network as it is.</param>
    /// <param name="context">Hears of the progress.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0508: it cannot be trained. SUBP0506: its loss grew out of
    /// bounds.</exception>
    public static Model Create(Model changed, Model original, IReadOnlyList<float[]>? inputs, int epochs, CommandContext context)
    {
        if (epochs == 0)
            return changed;
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
        if (ReferenceEquals(result, changed))
            context.Log("learning brought the answers to these inputs no nearer to those of the original, and is left out");
        return result;
    }
}

using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;

namespace Subp.Training.Pruning;

/// <summary>
/// A published configuration of SUBP (Xiang et al., NeurIPS 2023): which layers of which network, at which rate. It is stated by the form
/// of the network and not by names, so that it fits the network however its layers are called. All were published with N = 16 and N = 32.
/// </summary>
/// <param name="Name">The name, from the network and the rate as published.</param>
/// <param name="Network">The network it was published for.</param>
/// <param name="Layers">How many layers are pruned.</param>
/// <param name="Options">Which layers, and how far; N = 16.</param>
public sealed record PrunePreset(string Name, string Network, int Layers, PruneOptions Options)
{
    /// <summary>All presets.</summary>
    public static IReadOnlyList<PrunePreset> All { get; } =
    [
        new("resnet18-60/128", "ResNet-18", 16, new PruneOptions { Sparsity = 60.0 / 128, Shortcuts = false }),
        new("resnet34-59/128", "ResNet-34", 32, new PruneOptions { Sparsity = 59.0 / 128, Shortcuts = false }),
        new("resnet50-66/128", "ResNet-50", 52, new PruneOptions { Sparsity = 66.0 / 128 }),
        new("resnet50-98.5/128", "ResNet-50", 52, new PruneOptions { Sparsity = 98.5 / 128 }),
        new("mobilenetv1-69/128", "MobileNetV1", 13, new PruneOptions { Sparsity = 69.0 / 128 }),
    ];

    /// <summary>A preset by name.</summary>
    /// <exception cref="SubpException">SUBP0513: there is none of that name.</exception>
    public static PrunePreset Find(string name) =>
        All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new SubpException(
            DiagnosticDescriptors.PresetInvalid,
            "--preset",
            $"'{name}'",
            "a published configuration",
            Spelling.Suggest(name, All.Select(preset => preset.Name))
        );

    /// <summary>Requires a network to have the layers of the published one.</summary>
    /// <exception cref="SubpException">SUBP0513: the preset would prune another number of layers.</exception>
    public void RequireFits(Graph graph)
    {
        int found = PruneSelection.Decide(graph, Options).Count(decision => decision.DenseReason is null);
        if (found != Layers)
        {
            throw new SubpException(
                DiagnosticDescriptors.PresetInvalid,
                $"graph '{graph.Name}'",
                FormattableString.Invariant($"{found} layers that '{Name}' would prune"),
                FormattableString.Invariant($"the {Layers} of {Network}"),
                FormattableString.Invariant($"Use --block-length and --sparsity on other networks.")
            );
        }
    }
}

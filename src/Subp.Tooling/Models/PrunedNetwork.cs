using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;
using Subp.Training.Pruning;

namespace Subp.Tooling.Models;

/// <summary>Prunes a packed network and says what became of its layers.</summary>
internal static class PrunedNetwork
{
    private const int MostNames = 6;

    /// <summary>The pruned network, packed again, so that blocks no kernel is emitted for are widened, which is reported.</summary>
    /// <param name="model">The packed network.</param>
    /// <param name="options">What is pruned.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="context">Hears of the layers that stay dense, and of the training that is needed.</param>
    public static PruneResult Create(Model model, PruneOptions options, string source, IWorkLog context)
    {
        var result = OneShotPruning.Prune(model, options);
        LogDense(result.Layers, context);
        var rates = result.Pruned.Select(layer => options.RateOf(layer.Node)).Distinct().Order().ToArray();
        context.Report(
            new Diagnostic(
                DiagnosticDescriptors.PrunedWithoutTraining,
                source,
                FormattableString.Invariant($"{result.Pruned.Count()} of {result.Layers.Count} layers pruned to ")
                    + $"{string.Join(", ", rates.Select(Figures.Percent))} by {options.Criterion.ToString().ToLowerInvariant()}",
                "training at this sparsity before use",
                "Use subp compress to restore it, or see docs/recipes.md."
            )
        );
        if (options.Rearrange)
            context.Log(
                $"rearranged: the kept blocks have {Figures.Percent(KeptNorm(result), 2)} of the L1 norm of the pruned layers, "
                    + $"{Figures.Percent(KeptNorm(OneShotPruning.Prune(model, options with { Rearrange = false })), 2)} without"
            );
        return Pack(result, source, context);

        double KeptNorm(PruneResult pruned)
        {
            var names = pruned.Pruned.Select(layer => layer.Weight).Distinct().ToArray();
            return names.Sum(name => Norm(pruned.Model, name)) / names.Sum(name => Norm(model, name));
        }
    }

    private static double Norm(Model model, string weight) => model.Weights[weight].Values.Sum(value => Math.Abs((double)value));

    /// <summary>Says which layers stay dense, and why.</summary>
    public static void LogDense(IEnumerable<LayerDecision> layers, IWorkLog context)
    {
        foreach (var group in layers.Where(layer => layer.DenseReason is not null).GroupBy(layer => layer.DenseReason))
        {
            var names = group.Select(layer => layer.Node).ToArray();
            var more = names.Length > MostNames ? FormattableString.Invariant($" and {names.Length - MostNames} more") : "";
            context.Log($"dense, because {group.Key}: {string.Join(", ", names.Take(MostNames))}{more}");
        }
    }

    /// <summary>Packs a pruned network, and says which blocks were widened or given up for it.</summary>
    /// <param name="result">The pruned network.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="context">Hears of the changes.</param>
    /// <exception cref="SubpException">SUBP0552: nothing of the network stays pruned.</exception>
    public static PruneResult Pack(PruneResult result, string source, IWorkLog context)
    {
        var packed = PassPipeline.Pack(result.Model);
        WidenedBlocks.Between(result.Model.Graph, packed.Graph).Report(context, source);
        return result with { Model = packed };
    }
}

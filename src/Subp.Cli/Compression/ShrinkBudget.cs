using Subp.Compiler;
using Subp.Compression.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inspection;
using Subp.Tooling.Text;

namespace Subp.Cli.Compression;

/// <summary>What a network may be at most, and the share of channels that brings it there.</summary>
/// <param name="Option">The option that sets it.</param>
/// <param name="Wanted">The budget as people read it.</param>
/// <param name="Limit">The budget.</param>
/// <param name="Measure">What a network is, by its structure.</param>
/// <param name="Show">A measure as people read it.</param>
internal sealed record ShrinkBudget(string Option, string Wanted, double Limit, Func<Model, double> Measure, Func<double, string> Show)
{
    private const int Steps = 64;

    /// <summary>A share of the multiply-adds of a network.</summary>
    public static ShrinkBudget Macs(Graph graph, double share)
    {
        double all = LayerCost.Total(graph).DenseMacs;
        return new(
            "--macs",
            Figures.Percent(share),
            share,
            model => LayerCost.Total(model.Graph).DenseMacs / all,
            left => Figures.Percent(left)
        );
    }

    /// <summary>Bytes of all weights, once batch normalisations are folded.</summary>
    public static ShrinkBudget Size(Amount amount) =>
        new(
            "--size",
            amount.Text,
            amount.Value,
            model => PassPipeline.Pack(model).Graph.Parameters.Sum(parameter => (double)sizeof(float) * parameter.Shape.ElementCount),
            bytes => Figures.Bytes((long)bytes)
        );

    /// <summary>Predicted microseconds on one thread.</summary>
    public static ShrinkBudget Latency(Amount amount, CompileOptions options, TimePrediction prediction) =>
        new(
            "--latency",
            amount.Text,
            amount.Value,
            model => CompiledNetwork.PlanOf(PassPipeline.Pack(model), options).Layers.Sum(prediction.Microseconds),
            Microseconds
        );

    /// <summary>A predicted time.</summary>
    public static string Microseconds(double microseconds) => FormattableString.Invariant($"{microseconds / 1000:0.000} ms");

    /// <summary>The options with the smallest ratio that is enough.</summary>
    /// <param name="model">The network.</param>
    /// <param name="options">All but the ratio.</param>
    /// <exception cref="SubpException">SUBP0534: no ratio is enough. SUBP0533: no channels can go, or none has to.</exception>
    public ChannelOptions Reach(Model model, ChannelOptions options)
    {
        var graph = model.Graph;
        if (Measure(model) is var whole && whole <= Limit)
            throw new SubpException(
                DiagnosticDescriptors.NothingToShrink,
                $"graph '{graph.Name}'",
                $"{Show(whole)} as it is, which {Option} {Wanted} allows",
                "a budget that it exceeds",
                "Use the network as it is, or ask for less."
            );
        double Left(int step) => Measure(ChannelCompression.Structure(graph, options with { Ratio = (double)step / Steps }));

        // All three fall as the ratio grows: halve the range.
        int low = 0,
            high = Steps - 1;
        var least = Left(high);
        if (least > Limit)
            throw new SubpException(
                DiagnosticDescriptors.BudgetNotMet,
                Option,
                Wanted,
                $"at least {Show(least)}, which is left when every group loses what it can",
                "Allow --shared or a smaller --multiple, or leave fewer layers out."
            );
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Enough(middle))
                high = middle;
            else
                low = middle;
        }

        return options with
        {
            Ratio = (double)high / Steps,
        };

        // A share too small for any group to lose a channel is not enough.
        bool Enough(int step)
        {
            try
            {
                return Left(step) <= Limit;
            }
            catch (SubpException nothing) when (nothing.Diagnostic.Descriptor == DiagnosticDescriptors.NothingToShrink)
            {
                return false;
            }
        }
    }
}

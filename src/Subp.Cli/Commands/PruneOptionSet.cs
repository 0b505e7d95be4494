using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Subp.Core.Graphs;
using Subp.Training.Pruning;
using Subp.Training.Sparsification;

namespace Subp.Cli.Commands;

/// <summary>The options of one-shot pruning. Naming any of them asks for it.</summary>
/// <param name="withCriterion">Whether the user chooses how blocks are scored.</param>
internal sealed class PruneOptionSet(bool withCriterion = true)
{
    private static readonly PruneOptions Defaults = new();

    private readonly Option<int> _blockLength = new Option<int>("--block-length", "-N")
    {
        Description = FormattableString.Invariant($"Prune: N of the 1xN blocks. Default: {Defaults.BlockLength}."),
        HelpName = "n",
    }.AtLeast(1, 1024);

    private readonly Option<double> _sparsity = new Option<double>("--sparsity")
    {
        Description = FormattableString.Invariant(
            $"Prune: the share of blocks that every group of every pruned layer loses. Default: {Defaults.Sparsity}."
        ),
        HelpName = "share",
    }.Share(withOne: false);

    private readonly Option<ImportanceCriterion> _criterion = new("--criterion")
    {
        Description = "Prune: how blocks are scored: l1, l2 or bpar. Default: l1.",
        HelpName = "criterion",
    };

    private readonly Option<bool> _rearrange = new("--rearrange")
    {
        Description = "Prune: put filters in the order of their L1 norm first, so that those of a block are of like importance.",
    };

    private readonly Option<bool> _linear = new("--linear") { Description = "Prune: linear layers too, but not the classifier." };

    private readonly Option<int> _minimumInputChannels = new Option<int>("--min-input-channels")
    {
        Description = FormattableString.Invariant(
            $"Prune: layers with fewer input channels stay dense. Default: {Defaults.MinimumInputChannels}."
        ),
        HelpName = "n",
    }.AtLeast(1);

    private readonly Option<string[]> _include = new("--include")
    {
        Description = "Prune: names of layers, * allowed, in place of the default selection. May be repeated.",
        HelpName = "glob",
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Prune: names of layers that stay dense, * allowed. May be repeated.",
        HelpName = "glob",
    };

    private readonly Option<LayerRate[]> _layerRates = new("--layer-sparsity")
    {
        Description = "Prune: another share for some layers, for example layer4*=0.5. May be repeated; the last that names a layer wins.",
        HelpName = "glob=share",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = ParseRates,
    };

    private readonly Option<string?> _preset = new("--preset")
    {
        Description =
            $"Prune: a published configuration, {string.Join(", ", PrunePreset.All.Select(preset => preset.Name))}; the other options "
            + "win over it.",
        HelpName = "name",
    };

    /// <summary>Adds the options to a command.</summary>
    public PruneOptionSet AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
        return this;
    }

    /// <summary>What the options ask for, or null where none is given.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The preset is not known, or is one of another network.</exception>
    public PruneOptions? Read(ParseResult arguments, Graph graph) =>
        All.Any(option => IsGiven(option, arguments)) ? ReadAll(arguments, graph) : null;

    /// <summary>What the options ask for, with the defaults of those that are not given.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The preset is not known, or is one of another network.</exception>
    public PruneOptions ReadAll(ParseResult arguments, Graph graph)
    {
        var preset = arguments.GetValue(_preset) is { } name ? PrunePreset.Find(name) : null;
        preset?.RequireFits(graph);
        var options = preset?.Options ?? Defaults;
        return options with
        {
            BlockLength = IsGiven(_blockLength, arguments) ? arguments.GetValue(_blockLength) : options.BlockLength,
            Sparsity = IsGiven(_sparsity, arguments) ? arguments.GetValue(_sparsity) : options.Sparsity,
            Criterion = withCriterion && IsGiven(_criterion, arguments) ? arguments.GetValue(_criterion) : options.Criterion,
            Rearrange = withCriterion && arguments.GetValue(_rearrange),
            Linear = arguments.GetValue(_linear) || options.Linear,
            MinimumInputChannels = IsGiven(_minimumInputChannels, arguments)
                ? arguments.GetValue(_minimumInputChannels)
                : options.MinimumInputChannels,
            Include = arguments.GetValue(_include) ?? [],
            Exclude = arguments.GetValue(_exclude) ?? [],
            LayerRates = arguments.GetValue(_layerRates) ?? [],
        };
    }

    private IEnumerable<Option> All =>
        new Option[]
        {
            _blockLength,
            _sparsity,
            _criterion,
            _rearrange,
            _linear,
            _minimumInputChannels,
            _include,
            _exclude,
            _layerRates,
            _preset,
        }.Where(option => withCriterion || (option != _criterion && option != _rearrange));

    /// <summary>Whether the criterion is named.</summary>
    public bool NamesCriterion(ParseResult arguments) => IsGiven(_criterion, arguments);

    private static bool IsGiven(Option option, ParseResult arguments) => arguments.GetResult(option) is { Implicit: false };

    private static LayerRate[] ParseRates(ArgumentResult result)
    {
        var rates = new List<LayerRate>();
        foreach (var token in result.Tokens)
        {
            // The last sign, since a name may hold one itself.
            var sign = token.Value.LastIndexOf('=');
            if (
                sign > 0
                && double.TryParse(token.Value.AsSpan(sign + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var rate)
                && rate is >= 0 and < 1
            )
                rates.Add(new LayerRate(token.Value[..sign], rate));
            else
                result.AddError($"--layer-sparsity {token.Value}, expected glob=share with a share from 0 to below 1");
        }

        return [.. rates];
    }
}

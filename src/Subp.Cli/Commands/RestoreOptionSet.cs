using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Compression.Blocks;
using Subp.Compression.Calibration;
using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Cli.Commands;

/// <summary>What is done about the loss of blocks, and the inputs that it is measured on.</summary>
internal sealed class RestoreOptionSet
{
    private readonly Option<string?> _restore;
    private readonly CalibrationOptionSet _calibration = new();

    /// <summary>Creates the options.</summary>
    /// <param name="description">What the command does without them.</param>
    public RestoreOptionSet(string description)
    {
        _restore = new("--restore")
        {
            Description =
                "What is done about the loss of blocks: none; bn, which gives batch normalisations new statistics; moments, which also "
                + "chooses blocks that others can replace and gives their part to those; or noise, the same measured on images of noise "
                + "that run through the network. "
                + description,
        };
        _restore.AcceptOnlyFromAmong([.. CompressionWords.Blocks.Keys]);
    }

    /// <summary>Adds the options to a command.</summary>
    public RestoreOptionSet AddTo(Command command)
    {
        command.Add(_restore);
        _calibration.AddTo(command);
        return this;
    }

    /// <summary>What the restoration is called on the command line.</summary>
    public string Name => _restore.Name;

    /// <summary>Whether a restoration is named that would change something.</summary>
    public bool IsNamed(ParseResult arguments) =>
        arguments.GetValue(_restore) is { } name && CompressionWords.Blocks[name] != BlockRestoration.None;

    /// <summary>Whether any of them is given.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetValue(_restore) is not null || _calibration.IsGiven(arguments);

    /// <summary>The restoration and the inputs, null where there are none. What is not named follows from the network.</summary>
    /// <exception cref="SubpException">SUBP0801: noise beside inputs. The inputs cannot be read, made or used.</exception>
    public (BlockRestoration Restoration, CalibrationSet? Calibration) Read(ParseResult arguments, Model model, CommandContext context)
    {
        var graph = model.Graph;
        var calibration = _calibration.Read(arguments, model, context);
        BlockRestoration? named = arguments.GetValue(_restore) is { } name ? CompressionWords.Blocks[name] : null;
        if (named == BlockRestoration.Noise && calibration is not null)
            throw new SubpException(DiagnosticDescriptors.Usage, "--restore noise", "--calibration beside it", "one of the two");
        var hasNorms = graph.Nodes.Any(node => node.Operator is BatchNorm);
        return (
            named ?? (calibration is null && hasNorms && NoiseImages.Suit(graph) ? BlockRestoration.Noise : BlockRestoration.Moments),
            calibration
        );
    }
}

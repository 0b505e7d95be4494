using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Subp.Cli.Compression;
using Subp.Compression.Precision;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;

namespace Subp.Cli.Commands;

/// <summary>To how many bits weights are rounded, and what is done about it.</summary>
internal sealed class BitsOptionSet
{
    private const string Automatic = "auto";
    private const double StandardError = 0.1;

    private readonly Option<string?> _bits = new("--bits")
    {
        Description =
            "Round weights last, every filter with its own scale: to 2 (ternary) to 16 bits; to two numbers, 2,6, of which the first is "
            + "for the first layers of pairs; or auto, by sensitivity. Up to 8 bits are stored packed.",
        HelpName = "bits",
    };
    private readonly Option<Amount?> _size = Amount.Option(
        "--bits-size",
        "With --bits auto: the bytes that all weights may take, packed at their bits.",
        ("MB", 1e6),
        ("kB", 1e3),
        ("B", 1)
    );
    private readonly Option<double?> _error = new("--bits-error")
    {
        Description =
            "With --bits auto: the predicted errors of all layers together, each as a share of the variance of its output. Default: 0.1.",
        HelpName = "share",
    };
    private readonly Option<string> _compensate = new("--compensate")
    {
        Description =
            "With --bits, what is done about it: none; bn, new statistics of batch normalisations; df-mpc or udfc, which rebuild the layer "
            + "behind; or moments, which does both.",
        DefaultValueFactory = _ => "bn",
    };

    /// <summary>Adds the options to a command.</summary>
    public BitsOptionSet AddTo(Command command)
    {
        _compensate.AcceptOnlyFromAmong([.. CompressionWords.Compensations.Keys]);
        _bits.Validators.Add(Check);
        command.Add(_bits);
        command.Add(_size);
        command.Add(_error.Positive());
        command.Add(_compensate);
        return this;
    }

    /// <summary>What gives every layer its bits, or null; and the compensation.</summary>
    /// <exception cref="SubpException">SUBP0801: options that exclude each other.</exception>
    public (Func<Model, IReadOnlyDictionary<string, int>>? Bits, PrecisionCompensation Compensation) Read(ParseResult arguments)
    {
        var compensation = CompressionWords.Compensations[arguments.GetValue(_compensate)!];
        var (size, error) = (arguments.GetValue(_size), arguments.GetValue(_error));
        var word = arguments.GetValue(_bits);
        if (word != Automatic && (size is not null || error is not null))
            throw new SubpException(DiagnosticDescriptors.Usage, size is null ? "--bits-error" : "--bits-size", "no --bits auto", "both");
        if (size is not null && error is not null)
            throw new SubpException(DiagnosticDescriptors.Usage, "--bits-size", "--bits-error beside it", "one of the two");
        if (word is null)
            return arguments.GetResult(_compensate) is { Implicit: false }
                ? throw new SubpException(
                    DiagnosticDescriptors.Usage,
                    "--compensate",
                    "no --bits",
                    "the bits whose rounding it makes up for"
                )
                : (null, compensation);
        var getsBiases = compensation is PrecisionCompensation.BatchNorm or PrecisionCompensation.Moments;
        if (word == Automatic)
            return (
                size is not null
                    ? model => LayerBits.ToSize(model, (long)size.Value, StoredBeside.Bytes(model, getsBiases))
                    : model => LayerBits.ToError(model, error ?? StandardError),
                compensation
            );
        int[] bits = [.. Numbers(word)!];
        return (
            bits.Length == 1
                ? model => LayerBits.Uniform(model.Graph, bits[0])
                : model => PairedPrecision.Bits(model.Graph, bits[0], bits[1]),
            compensation
        );
    }

    private static void Check(OptionResult result)
    {
        var word = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (word != Automatic && Numbers(word) is null)
            result.AddError($"--bits {word}, expected auto, or one or two numbers of bits from 2 to 16, for example 4 or 2,6");
    }

    private static IEnumerable<int>? Numbers(string word)
    {
        var parts = word.Split(',');
        int[] numbers =
        [
            .. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? bits : 0),
        ];
        return numbers.Length is 1 or 2 && Array.TrueForAll(numbers, bits => bits is >= 2 and <= 16) ? numbers : null;
    }
}

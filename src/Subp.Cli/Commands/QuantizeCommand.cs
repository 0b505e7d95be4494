using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Tooling.Models;
using Subp.Tooling.Quantizing;
using Subp.Tooling.Quantizing.Precision;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;
using Subp.Training.Sparsification;

namespace Subp.Cli.Commands;

/// <summary>Makes a network of bytes of a finished network, without training.</summary>
internal sealed class QuantizeCommand : SubpCommand
{
    private const int MostMeasured = 16;

    // Every layer is measured on these by the reference interpreter.
    private const int MostSensitive = 4;

    private readonly Option<string[]> _float = new("--float")
    {
        Description = "Names of layers that stay float, * allowed. May be repeated.",
        HelpName = "glob",
    };
    private readonly Option<int> _weightBits = new("--weight-bits")
    {
        Description =
            "8: weights from -127 to 127. 7: from -63 to 63, in steps twice as large, which processors without VNNI compute faster "
            + "(reduce_range in ONNX Runtime).",
        HelpName = "bits",
        DefaultValueFactory = _ => 8,
    };
    private readonly Option<bool> _equalize = new("--equalize")
    {
        Description =
            "First make the channels between two layers equally large, which helps depthwise networks (cross-layer equalisation).",
    };
    private readonly Option<bool> _keepBias = new("--no-bias-correction")
    {
        Description = "Leave to biases what rounded weights add to a layer on average.",
    };
    private readonly Option<bool> _pixels = new("--pixels")
    {
        Description = "Make a network that takes pixels from 0 to 255 as bytes, and not floats that are normalised.",
    };
    private readonly Option<string[]> _pixelInputs = new(PixelBytes.NamesOption)
    {
        Description =
            "Of a network of several inputs those that are pixels, with the normalisation that the network names; the others take floats. "
            + "May be repeated. It stands for --pixels.",
        HelpName = "name",
    };
    private readonly Option<bool> _strict = new("--strict-int8") { Description = "Refuse a network of which a layer would stay float." };
    private readonly RangeOptionSet _ranges = new();
    private readonly PrecisionOptionSet _precision = new();
    private readonly FinishedNetworkOptionSet _files;
    private readonly CalibrationOptionSet _calibration;

    /// <summary>Creates the verb.</summary>
    public QuantizeCommand()
        : base("quantize", "Make a network that computes on bytes (int8) of a finished network, with or without data, without training.")
    {
        _files = new FinishedNetworkOptionSet("int8").AddSource(this);
        _calibration = new CalibrationOptionSet().AddTo(this);
        _ranges.AddTo(this);
        Option[] options = [_float, _weightBits, _equalize, _keepBias, _strict, _pixels, _pixelInputs];
        foreach (var option in options)
            Add(option);
        _precision.AddTo(this);
        _files.AddResult(this, withNorms: false);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp quantize runs/sparse", "no data: ranges from batch normalisations; blocks stay pruned"),
            ("subp quantize runs/sparse --calibration data/fashion-mnist --eval", "ranges from 250 images, accuracy before and after"),
            (
                "subp quantize runs/sparse --tolerance 0.02 --fastest --machine zen4",
                "floats where bytes cost more than 2 %, and where floats are faster"
            ),
            ("subp quantize model.onnx --calibration images.npy --latency 4ms", "floats where they matter most, as many as 4 ms allow"),
            (
                "subp quantize model.onnx --calibration images.npy --ranges mse --float 'head*' -o int8.subp",
                "inputs as numpy.save writes them"
            ),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        _ranges.RequireEffect(arguments, _calibration.IsGiven(arguments));
        _precision.RequireEffect(arguments);
        var source = _files.Source(arguments);
        using var outputs = _files.Open(arguments);
        var original = _files.Read(arguments);
        GraphVerifier.RequireFloat(original.Graph, "subp quantize");
        var names = original.Graph.Nodes.Select(node => node.Name).ToArray();
        var staysFloat = arguments.GetValue(_float) ?? [];
        LayerNames.RequireKnown("--float", staysFloat, names);
        var calibration = _calibration.Read(arguments, original, context);
        var options = new Int8Options
        {
            Calibration = calibration,
            IsSynthetic = calibration is { IsSynthetic: true },
            Ranges = _ranges.Method(arguments),
            Deviations = _ranges.Deviations(arguments),
            InputRange = _ranges.InputRange(arguments),
            WeightBits = WeightBits(arguments),
            CorrectsBias = !arguments.GetValue(_keepBias),
        };
        var named = arguments.GetValue(_pixelInputs) ?? [];
        var takesPixels = arguments.GetValue(_pixels) || named.Length > 0;
        if (takesPixels)
            options = PixelBytes.Of(original.Graph, options, named);

        var equalized = arguments.GetValue(_equalize) ? CrossLayerEqualization.Apply(original) : original;
        var exact = FusedNetwork.Of(equalized);
        var ranges = Int8Conversion.FindRanges(equalized, exact, options, context.Cancellation);
        // Users name the nodes of their network, of which a layer may be several.
        var parts = FusedLayers.Names(equalized.Graph, exact.Graph);
        var precision = new PrecisionChoice(
            exact,
            ranges,
            options,
            layer => parts[layer].Any(part => LayerNames.Matches(staysFloat, part))
        );
        _precision.Decide(arguments, precision, CompressedFile.Compared(calibration, exact.Graph, MostSensitive), context);
        var outcome = precision.Outcome;
        foreach (var layer in outcome.Layers.Where(layer => layer is { FloatReason: null, Range.IsEmpty: true }))
            context.Report(
                new Diagnostic(
                    DiagnosticDescriptors.RangeNotReached,
                    $"layer '{layer.Name}'",
                    "0 for every input",
                    "a range",
                    "The scale 1 is taken. Give more inputs, or remove the layer."
                )
            );
        if (outcome.Layers.All(layer => layer.FloatReason is not null))
            throw new SubpException(
                DiagnosticDescriptors.NothingToQuantize,
                source,
                outcome.Layers.Count == 0 ? "no layers" : $"'{outcome.Layers[0].Name}' float: {outcome.Layers[0].FloatReason}",
                "a convolution or a linear layer that may compute on bytes"
            );

        if (arguments.GetValue(_strict))
            StrictIntegers.Require(outcome.Model.Graph, layer => outcome.Layers.FirstOrDefault(other => other.Name == layer)?.FloatReason);
        var compared = CompressedFile.Compared(calibration, exact.Graph, MostMeasured);
        var errors = LayerErrors.Measure(exact, outcome.Model, compared, MostMeasured, context.Cancellation);
        var difference = FinishedNetworkOptionSet.Compare(original, outcome.Model, calibration, context);
        var accuracy = _files.Accuracy(arguments, original, outcome.Model, context);
        // What was measured took floats, as the original does.
        var written = takesPixels ? precision.TakingBytes.Model : outcome.Model;
        _files.Write(arguments, outputs, written, written);
        context.Report(
            new Diagnostic(
                DiagnosticDescriptors.QuantizedWithoutTraining,
                source,
                $"outputs {Figures.Percent(difference.RelativeError)} off and the same class for "
                    + $"{Figures.Percent(difference.SameClass)} of {difference.Inputs}",
                "a look at its accuracy before use",
                "See docs/quantization.md."
            )
        );
        Print(context, _files.Target(arguments), (Bytes(exact), Bytes(written)), outcome, errors, difference, accuracy, precision.Speed);
        return 0;
    }

    private int WeightBits(ParseResult arguments)
    {
        var bits = arguments.GetValue(_weightBits);
        return bits is 7 or 8 ? bits : throw new SubpException(DiagnosticDescriptors.Usage, "--weight-bits", Figures.Count(bits), "7 or 8");
    }

    private void Print(
        CommandContext context,
        string target,
        (long Before, long After) bytes,
        Int8Outcome outcome,
        IReadOnlyDictionary<string, double> errors,
        OutputDifference difference,
        AccuracyChange? accuracy,
        PredictedSpeed? speed
    )
    {
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    subp = target,
                    weights = BundleFile.WeightsPath(target),
                    layers = outcome.Layers.Select(layer => new
                    {
                        layer.Name,
                        layer.Operator,
                        low = layer.Range?.Low,
                        high = layer.Range?.High,
                        scale = layer.Result?.Scale,
                        zeroPoint = layer.Result?.ZeroPoint,
                        layer.WeightError,
                        error = errors[layer.Name],
                        layer.FloatReason,
                    }),
                    difference,
                    accuracy,
                    speed,
                    bytesBefore = bytes.Before,
                    bytesAfter = bytes.After,
                }
            );
            return;
        }

        var table = new TextTable("layer", "operator", ">low", ">high", ">scale", ">zero", ">weight error", ">error", "float, because");
        foreach (var layer in outcome.Layers)
            table.Add(
                layer.Name,
                layer.Operator,
                layer.Range is { } low ? Figures.Short(low.Low) : "",
                layer.Range is { } high ? Figures.Short(high.High) : "",
                layer.Result is { } result ? FloatText.Format((float)Math.Round(result.Scale, 6)) : "",
                layer.Result is { } zero ? Figures.Count(zero.ZeroPoint) : "",
                layer.WeightError is { } error ? Figures.Percent(error, 2) : "",
                Figures.Percent(errors[layer.Name], 2),
                layer.FloatReason ?? ""
            );
        table.Write(context.Out);
        if (speed is not null)
            context.Out.WriteLine(speed.ToString());
        context.Out.WriteLine(
            $"{target}: {Figures.Bytes(bytes.After)} of weights, {Figures.Bytes(bytes.Before)} before"
                + (accuracy is null ? "" : "; " + accuracy)
        );
    }

    private static long Bytes(Model model) => Core.Storage.WeightFileLayout.Of(model.Graph).Length;
}

using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Tooling.Verification;
using Subp.Training.Interchange.Networks;

namespace Subp.Cli.Commands;

/// <summary>What the commands that change a finished network without training share: source, measurements and result.</summary>
/// <param name="suffix">What the result is called after the source, without a dash.</param>
internal sealed class FinishedNetworkOptionSet(string suffix)
{
    private const int MostCompared = 50;

    private readonly Argument<string> _source = new("model")
    {
        Description =
            "A network with its batch normalisations: an .onnx file, weights of PyTorch, the folder of a training run, or a .subp file.",
    };
    private readonly Option<string?> _network = new("--model", "-m")
    {
        Description = "PyTorch only: the network that the weights belong to. Default: the one that has exactly their names.",
    };
    private readonly Option<bool> _keepNorms = new("--keep-batch-norm")
    {
        Description = "Write the network with its batch normalisations, to compress it further. Such a bundle runs slower.",
    };
    private readonly Option<bool> _evaluate = new("--eval")
    {
        Description = "Measure the accuracy before and after on test images, by compiled code.",
    };
    private readonly Option<string?> _output = CommonOptions.Output(
        $"The .subp file to write; the weights go beside it. Default: the name of the source with -{suffix}."
    );
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly InputOptionSet _images = new();
    private readonly OnnxOptionSet _onnx = new OnnxOptionSet().AlsoForPyTorch();
    private readonly NormalizeOption _normalize = new();

    /// <summary>Adds what names the source; the options of the change itself come next.</summary>
    public FinishedNetworkOptionSet AddSource(Command command)
    {
        _network.AcceptOnlyFromAmong([.. NetworkRecognition.Networks]);
        command.Add(_source);
        command.Add(_network);
        return this;
    }

    /// <summary>Adds what is measured and written.</summary>
    /// <param name="command">The command.</param>
    /// <param name="withNorms">Whether the result can be written with its batch normalisations.</param>
    public void AddResult(Command command, bool withNorms = true)
    {
        if (withNorms)
            command.Add(_keepNorms);
        command.Add(_evaluate);
        _images.AddTo(command, withRandom: false);
        _onnx.AddTo(command);
        _normalize.AddTo(command);
        command.Add(_output);
        command.Add(_force);
        command.Add(CommonOptions.Json());
    }

    /// <summary>The source as it was named.</summary>
    public string Source(ParseResult arguments) => arguments.GetRequiredValue(_source);

    /// <summary>The .subp file to write.</summary>
    public string Target(ParseResult arguments) => arguments.GetValue(_output) ?? CompressedFile.Target(Source(arguments), suffix);

    /// <summary>The files to write, of which none may be there unless --force allows it, and none may be the source whatever it says.
    /// </summary>
    /// <exception cref="SubpException">SUBP0801: test images are chosen that nothing is measured on. A file is there.</exception>
    public OutputSet Open(ParseResult arguments)
    {
        if (!arguments.GetValue(_evaluate) && _images.Given(arguments) is { } given)
            throw new SubpException(DiagnosticDescriptors.Usage, given.Name, "no --eval", "both");
        var target = Target(arguments);
        SourceFiles.RequireKept(Source(arguments), target);
        var outputs = new OutputSet(arguments.GetValue(_force));
        outputs.RequireFree(target);
        outputs.RequireFree(BundleFile.WeightsPath(target));
        return outputs;
    }

    /// <summary>The network, with its batch normalisations.</summary>
    public Model Read(ParseResult arguments) =>
        _normalize.Apply(arguments, UnfoldedNetwork.Read(Source(arguments), arguments.GetValue(_network), _onnx.Read(arguments)));

    /// <summary>How far outputs are from those of the original, on inputs of the calibration set where there is one.</summary>
    public static OutputDifference Compare(Model original, Model packed, CalibrationSet? calibration, CommandContext context) =>
        OutputDifference.Measure(original, packed, CompressedFile.Compared(calibration, original.Graph, MostCompared), context);

    /// <summary>The accuracy before and after, or null where --eval is not given.</summary>
    public AccuracyChange? Accuracy(ParseResult arguments, Model original, Model packed, CommandContext context) =>
        arguments.GetValue(_evaluate)
            ? AccuracyChange.Measure(
                original,
                packed,
                graph =>
                    _images.ReadImages(
                        arguments,
                        RunnableModel.ImageShape(graph),
                        original.Graph.Metadata,
                        RunnableModel.TakesBytes(graph)
                    ),
                context
            )
            : null;

    /// <summary>Writes the result as the options want it.</summary>
    public void Write(ParseResult arguments, OutputSet outputs, Model unfolded, Model packed)
    {
        BundleFile.Write(outputs, Target(arguments), arguments.GetValue(_keepNorms) ? unfolded : packed);
        outputs.Commit();
    }
}

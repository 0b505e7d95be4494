using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Roslyn;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Training.Data;

namespace Subp.Cli.Commands;

/// <summary>Runs a compiled model on one input and prints the best classes.</summary>
internal sealed class RunCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "A compiled .dll." };
    private readonly Option<int?> _image = new("--image", "-i") { Description = "The number of a test image, from 0.", HelpName = "index" };
    private readonly Option<string[]> _input = new("--input")
    {
        Description =
            "A file with the input: .npy of 32-bit floats, or raw floats, NCHW, normalised. For several inputs name=path, once for each.",
        HelpName = "path",
    };
    private readonly Option<string?> _dataDirectory = CommonOptions.DataDirectory();
    private readonly Option<int> _top = new("--top")
    {
        Description = "How many classes to print.",
        HelpName = "n",
        DefaultValueFactory = _ => 3,
    };
    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "The number of threads; 0 for as many as pay.",
        HelpName = "n",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>Creates the verb.</summary>
    public RunCommand()
        : base("run", "Run a compiled model on a test image or a file of floats, and print the best classes.")
    {
        Add(_source);
        foreach (var option in new Option[] { _image.AtLeast(0), _input, _dataDirectory, _top.AtLeast(1), _threads.AtLeast(0) })
            Add(option);
        Add(CommonOptions.Json());
        Validators.Add(result =>
        {
            if (result.GetValue(_image) is not null && result.GetValue(_input) is { Length: > 0 })
                result.AddError("both --image and --input");
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp run out/FashionResnet8.dll --image 17", "test image 17 of the bundled set"),
            ("subp run out/FashionResnet8.dll --input x.npy --top 5", "an input of your own, saved by numpy.save"),
            ("subp run out/Gate.dll --input image=x.npy --input mask=m.npy", "a model of two inputs"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        if (ModelKinds.Of(source) != ModelKind.Assembly)
            throw ModelKinds.Unknown(
                source,
                Path.GetExtension(source),
                "a compiled model, a file that ends in .dll",
                "Compile it first with 'subp compile'."
            );
        using var model = LoadedModel.Load(source);
        var threads = arguments.GetValue(_threads);
        if (threads != 0)
            RunnableModel.ThreadCounts(model, [threads], isExplicit: true);
        var (input, label) = Input(arguments, model);
        using var session = model.CreateSession(threads);
        var output = new float[model.OutputLength];
        session.Run(input, output);
        if (model.Outputs.Count > 1)
            return WriteOutputs(context, source, session, model, output);
        var classes = output.Length / ImageBatch.Of(RunnableModel.Batch(model), output.Length);
        var best = Best(output.AsSpan(0, classes), model.ClassNames).Take(arguments.GetValue(_top)).ToArray();
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = source,
                    instructionSet = session.InstructionSet,
                    session.Threads,
                    label,
                    classes = best,
                    outputs = output,
                }
            );
            return 0;
        }

        if (label is not null)
            context.Out.WriteLine($"label: {ClassName(model.ClassNames, label.Value)}");
        var table = new TextTable("class", ">output", ">softmax");
        foreach (var score in best)
            table.Add(score.Name, Figures.Fixed(score.Output, 4), Figures.Percent(score.Softmax, 2));
        table.Write(context.Out);
        return 0;
    }

    // Several outputs are no scores of classes, so each is told by itself.
    private int WriteOutputs(CommandContext context, string source, ILoadedSession session, LoadedModel model, float[] output)
    {
        var values = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var table = new TextTable("output", "shape", ">smallest", ">largest", ">mean");
        var start = 0;
        foreach (var port in model.Outputs)
        {
            var part = output.AsSpan(start, port.Length).ToArray();
            start += port.Length;
            values[port.Name] = part;
            table.Add(
                port.Name,
                $"[{Figures.List(port.Shape)}]",
                Figures.Fixed(part.Min(), 4),
                Figures.Fixed(part.Max(), 4),
                Figures.Fixed(part.Average(), 4)
            );
        }

        if (context.Json)
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = source,
                    instructionSet = session.InstructionSet,
                    session.Threads,
                    outputs = values,
                }
            );
        else
            table.Write(context.Out);
        return 0;
    }

    private (float[] Input, int? Label) Input(ParseResult arguments, LoadedModel model)
    {
        var shape = RunnableModel.InputShape(model);
        if (arguments.GetValue(_input) is { Length: > 0 } files)
            return (InputFiles.Read(model, files), null);
        var images = FashionMnist.ReadTest(BundledImages.Folder(arguments.GetValue(_dataDirectory)));
        var index = arguments.GetValue(_image) ?? 0;
        if (index < 0 || index >= images.Count)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--image",
                FormattableString.Invariant($"image {index}"),
                FormattableString.Invariant($"0 to {images.Count - 1}")
            );
        var inputs = InputSet.OfImages("test images", images, shape, RunnableModel.Metadata(model));
        return (inputs[index / shape.Batch], inputs.Label(index / shape.Batch, index % shape.Batch));
    }

    private static IEnumerable<ClassScore> Best(ReadOnlySpan<float> outputs, IReadOnlyList<string> names)
    {
        var values = outputs.ToArray();
        var largest = values.Max();
        var sum = values.Sum(value => Math.Exp(value - largest));
        return values
            .Index()
            .OrderByDescending(entry => entry.Item)
            .Select(entry => new ClassScore(entry.Index, ClassName(names, entry.Index), entry.Item, Math.Exp(entry.Item - largest) / sum));
    }

    private static string ClassName(IReadOnlyList<string> names, int index) =>
        index < names.Count ? names[index] : FormattableString.Invariant($"class {index}");

    private sealed record ClassScore(int Index, string Name, float Output, double Softmax);
}

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
            "A file with the input: .npy of 32-bit floats, or raw floats, NCHW, normalised. An input of bytes takes 0..255: .npy of bytes "
            + "or of such floats, or either raw. For several inputs name=path, once for each.",
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
        : base("run", "Run a compiled model on a test image or a file of numbers, and print the best classes.")
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
        var (input, asked) = Input(arguments, model);
        using var session = model.CreateSession(threads);
        var output = new float[model.OutputLength];
        session.Run(input, output);
        if (model.Outputs.Count > 1)
            return WriteOutputs(context, source, session, model, output);
        var batch = RunnableModel.Batch(model);
        var images = ImageBatch.Of(batch, output.Length);
        // A network that puts the images of a batch together has one answer, which is no image's own.
        if (images < batch && asked is not null)
            asked = new AskedImage(0, null);
        var top = arguments.GetValue(_top);
        ClassRanking[] rankings =
        [
            .. (asked is { } one ? [one.Slot] : Enumerable.Range(0, images)).Select(image =>
                ClassRanking.Of(output, images, image, model, top)
            ),
        ];
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
                    label = asked?.Label,
                    classes = rankings[0].Classes,
                    images = rankings,
                    outputs = output,
                }
            );
            return 0;
        }

        if (asked?.Label is { } label)
            context.Out.WriteLine($"label: {ClassRanking.ClassName(model, label)}");
        foreach (var ranking in rankings)
        {
            if (rankings.Length > 1)
                context.Out.WriteLine(FormattableString.Invariant($"image {ranking.Image} of the batch"));
            ranking.Write(context.Out);
        }

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

    private (float[] Input, AskedImage? Asked) Input(ParseResult arguments, LoadedModel model)
    {
        if (arguments.GetValue(_input) is { Length: > 0 } files)
            return (InputFiles.Read(model, files), null);
        if (model.Inputs.Count > 1)
            throw InputFiles.Missing(model);
        var images = FashionMnist.ReadTest(BundledImages.Folder(arguments.GetValue(_dataDirectory)));
        var index = arguments.GetValue(_image) ?? 0;
        if (index < 0 || index >= images.Count)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--image",
                FormattableString.Invariant($"image {index}"),
                FormattableString.Invariant($"0 to {images.Count - 1}")
            );
        var shape = RunnableModel.InputShape(model);
        var (input, slot) = InputSet.OfImage(
            "test images",
            images,
            index,
            shape,
            RunnableModel.Metadata(model),
            RunnableModel.TakesBytes(model)
        );
        return (input, new AskedImage(slot, images.Labels[index]));
    }

    /// <summary>The image that the user named.</summary>
    /// <param name="Slot">Which image of the batch it is.</param>
    /// <param name="Label">Its class; null where the answer is not about it alone.</param>
    private sealed record AskedImage(int Slot, int? Label);
}

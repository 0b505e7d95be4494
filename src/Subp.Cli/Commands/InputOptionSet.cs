using System.CommandLine;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Training.Data;

namespace Subp.Cli.Commands;

/// <summary>The options that choose what a network is run on.</summary>
internal sealed class InputOptionSet
{
    private const ulong Seed = 1;
    private readonly Option<string?> _dataDirectory = CommonOptions.DataDirectory();
    private readonly Option<int> _images = new("--images")
    {
        Description = "The most test images; 0 for all.",
        HelpName = "n",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int?> _random = new("--random")
    {
        Description = "Use this many random inputs instead of images. Networks that do not take the images use 16.",
        HelpName = "n",
    };

    /// <summary>Adds the options to a command.</summary>
    public InputOptionSet AddTo(Command command, bool withRandom)
    {
        command.Add(_dataDirectory);
        command.Add(_images.AtLeast(0));
        if (withRandom)
            command.Add(_random.AtLeast(1));
        return this;
    }

    /// <summary>The option that chooses test images, where one is given; null where none is.</summary>
    public Option? Given(ParseResult arguments) =>
        new Option[] { _dataDirectory, _images }.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false });

    /// <summary>The number of random inputs that is asked for, or null.</summary>
    public int? RandomCount(ParseResult arguments) => arguments.GetValue(_random);

    /// <summary>Test images where the network takes them, else random inputs.</summary>
    public InputSet Read(ParseResult arguments, Graph graph)
    {
        const int StandardCount = 16;
        if (RandomCount(arguments) is { } count)
            return InputSet.OfRandom(graph, count, Seed);
        var images = FashionMnist.ReadTest(BundledImages.Folder(arguments.GetValue(_dataDirectory)));
        var shape = JoinedInputs.ShapeOf(graph);
        return arguments.GetValue(_dataDirectory) is not null || InputSet.Fits(images, shape)
            ? OfImages(images, arguments, shape, graph.Metadata, RunnableModel.TakesBytes(graph))
            : InputSet.OfRandom(graph, StandardCount, Seed);
    }

    /// <summary>Test images.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The network does not take them.</exception>
    public InputSet ReadImages(ParseResult arguments, TensorShape shape, ModelMetadata metadata, bool areBytes = false) =>
        OfImages(FashionMnist.ReadTest(BundledImages.Folder(arguments.GetValue(_dataDirectory))), arguments, shape, metadata, areBytes);

    private InputSet OfImages(ImageDataset images, ParseResult arguments, TensorShape shape, ModelMetadata metadata, bool areBytes)
    {
        var limit = arguments.GetValue(_images) is > 0 and var wanted ? wanted : images.Count;
        return InputSet.OfImages(
            FormattableString.Invariant($"{Math.Min(limit, images.Count)} test images"),
            images,
            shape,
            metadata,
            limit,
            areBytes
        );
    }
}

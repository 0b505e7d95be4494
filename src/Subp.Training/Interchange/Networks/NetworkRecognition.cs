using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Training.Interchange.StateDict;
using Subp.Training.Models;

namespace Subp.Training.Interchange.Networks;

/// <summary>Tells from names and shapes which network of the zoo a state dictionary belongs to, and in which extents.</summary>
public static class NetworkRecognition
{
    /// <summary>The networks that state dictionaries can be read into.</summary>
    public static IReadOnlyList<string> Networks => ZooNetwork.Names;

    /// <summary>The one network that has exactly the parameters of a state dictionary.</summary>
    /// <exception cref="SubpException">SUBP0564: no network has.</exception>
    public static string Recognise(StateDictionary state)
    {
        var differences = Networks.Select(name => (Name: name, Count: Differences(name, state))).OrderBy(entry => entry.Count).ToArray();
        if (differences[0].Count == 0 && differences[1].Count > 0)
            return differences[0].Name;

        throw new SubpException(
            DiagnosticDescriptors.NetworkNotRecognised,
            state.Source,
            FormattableString.Invariant($"{state.Tensors.Count} tensors; the nearest network, '{differences[0].Name}', ")
                + FormattableString.Invariant($"differs in {differences[0].Count} names"),
            $"the parameters of one of {string.Join(", ", Networks)}",
            "Name the network with --model to see which parameters differ, or export other networks to ONNX."
        );
    }

    /// <summary>Builds the network of a state dictionary, with its number of classes, channels and widths.</summary>
    /// <param name="name">One of <see cref="Networks"/>.</param>
    /// <param name="state">The state dictionary; what it lacks is taken as published.</param>
    /// <param name="batch">The images of one run.</param>
    /// <param name="height">The height of an image, or null as published.</param>
    /// <param name="width">The width of an image, or null as published.</param>
    /// <exception cref="SubpException">SUBP0564: the name is not known. Another: the image is too small.</exception>
    public static Graph Build(string name, StateDictionary state, int batch = 1, int? height = null, int? width = null)
    {
        if (!Networks.Contains(name))
            throw new SubpException(
                DiagnosticDescriptors.NetworkNotRecognised,
                "--model",
                $"'{name}'",
                "a network of the zoo",
                Spelling.Suggest(name, Networks)
            );

        return ZooNetwork.Build(name, Extents(name, state), batch, height, width);
    }

    private static ZooExtents Extents(string name, StateDictionary state)
    {
        var graph = ZooNetwork.Build(name, ZooExtents.Published);
        var names = StateNames.Of(graph)!;
        int? Dimension(string parameter, int axis) =>
            names[parameter].Select(state.Find).FirstOrDefault(tensor => tensor is not null) is { } tensor
            && tensor.Shape.Count == graph.Parameter(parameter).Shape.Rank
            && tensor.Shape[axis] is > 0 and <= ushort.MaxValue
                ? (int)tensor.Shape[axis]
                : null;

        IReadOnlyList<string> stages =
            name == FashionResNet8.Name ? ["stage1.conv1.weight", "stage2.conv1.weight", "stage3.conv1.weight"] : ["stem.weight"];
        var widths =
            ModelZoo.HasWidths(name) || name == FashionResNet8.Name ? stages.Select(stage => Dimension(stage, 0)).ToArray() : [null];
        return new ZooExtents(
            names.ContainsKey("stem.weight") ? Dimension("stem.weight", 1) : null,
            Dimension("classifier.weight", 0),
            widths.All(extent => extent is not null) ? [.. widths.Select(extent => extent!.Value)] : null
        );
    }

    private static int Differences(string name, StateDictionary state)
    {
        var names = StateNames.Of(ZooNetwork.Build(name, ZooExtents.Published))!;
        int missing = names.Values.Count(alternatives => alternatives.All(alternative => state.Find(alternative) is null));
        return missing + StateDictionaryBinding.Extra(names, state).Count();
    }
}

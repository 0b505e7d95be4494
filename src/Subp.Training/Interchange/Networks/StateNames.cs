using System.Globalization;
using System.Text.RegularExpressions;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Models;

namespace Subp.Training.Interchange.Networks;

/// <summary>
/// What PyTorch calls the parameters of the networks of the zoo: torchvision's names for ResNet, VGG and MobileNetV2, those of the common
/// re-implementations for the CIFAR networks and of the SUBP authors for MobileNetV1.
/// </summary>
internal static partial class StateNames
{
    /// <summary>Buffers that count training steps and have no influence on the network.</summary>
    public const string CounterSuffix = ".num_batches_tracked";

    private const string WeightSuffix = ".weight";
    private const string MaskSuffix = ".mask";

    /// <summary>The names of each parameter of a network of the zoo; the first is the one that is written.</summary>
    /// <returns>By parameter, in the order of the graph; null where the network has no names in PyTorch.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>>? Of(Graph graph)
    {
        Func<GraphNode, IReadOnlyList<string>>? modules = graph.Name switch
        {
            "resnet18" or "resnet34" or "resnet50" or FashionResNet8.Name => node => Residual(node.Name, ["fc"]),
            "cifar-resnet20" or "cifar-resnet56" => node => Residual(node.Name, ["linear", "fc"]),
            "mobilenet-v1" => node => Separable(node.Name),
            "mobilenet-v2" => node => Inverted(graph, node.Name),
            "vgg16-bn" => node => Sequential(graph, node),
            "cifar-vgg16" => node => node.Operator is Linear ? ["classifier"] : Sequential(graph, node),
            _ => null,
        };
        if (modules is null)
            return null;

        var names = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.Operator.Parameters.Count > 0))
        {
            foreach (var use in node.Operator.Parameters)
                names.Add(use.Name, [.. modules(node).Select(module => $"{module}.{Attribute(node.Operator, use.Role)}")]);
        }

        return names;
    }

    /// <summary>The name of the mask that belongs to a weight in checkpoints of the SUBP authors.</summary>
    public static string MaskOf(string weight) =>
        weight.EndsWith(WeightSuffix, StringComparison.Ordinal) ? weight[..^WeightSuffix.Length] + MaskSuffix : weight + MaskSuffix;

    private static string Attribute(Operator @operator, string role) =>
        @operator is not BatchNorm
            ? role
            : role switch
            {
                "scale" => "weight",
                "shift" => "bias",
                "mean" => "running_mean",
                _ => "running_var",
            };

    private static IReadOnlyList<string> Residual(string node, IReadOnlyList<string> classifier)
    {
        if (node == "classifier")
            return classifier;

        var match = ResidualNode().Match(node);
        bool isNorm = match.Groups["norm"].Success;
        if (match.Groups["stem"].Success)
            return [isNorm ? "bn1" : "conv1"];

        int block = match.Groups["block"].Success ? Number(match, "block") - 1 : 0;
        string prefix = FormattableString.Invariant($"layer{match.Groups["stage"].Value}.{block}");
        return match.Groups["conv"].Success
            ? [$"{prefix}.{(isNorm ? "bn" : "conv")}{match.Groups["conv"].Value}"]
            : [$"{prefix}.downsample.{(isNorm ? 1 : 0)}"];
    }

    private static IReadOnlyList<string> Separable(string node)
    {
        if (node == "classifier")
            return ["fc"];

        var match = SeparableNode().Match(node);
        bool isNorm = match.Groups["norm"].Success;
        if (!match.Groups["pair"].Success)
            return [isNorm ? "conv1.1" : "conv1.0"];

        int module = (match.Groups["pointwise"].Success ? 3 : 0) + (isNorm ? 1 : 0);
        return [FormattableString.Invariant($"features.{Number(match, "pair") - 1}.{module}")];
    }

    // A block that does not widen has one layer less; a unit with an activation is a sequence of its own, the last one is not.
    private static IReadOnlyList<string> Inverted(Graph graph, string node)
    {
        const int blocks = 17;
        if (node == "classifier")
            return ["classifier.1"];

        var match = InvertedNode().Match(node);
        int isNorm = match.Groups["norm"].Success ? 1 : 0;
        if (!match.Groups["block"].Success)
            return [FormattableString.Invariant($"features.{(match.Groups["last"].Success ? blocks + 1 : 0)}.{isNorm}")];

        string block = FormattableString.Invariant($"block{match.Groups["block"].Value}");
        int depthwise = graph.FindNode(block + ".expand") is null ? 0 : 1;
        string prefix = FormattableString.Invariant($"features.{match.Groups["block"].Value}.conv");
        return match.Groups["layer"].Value switch
        {
            "expand" => [FormattableString.Invariant($"{prefix}.0.{isNorm}")],
            "depthwise" => [FormattableString.Invariant($"{prefix}.{depthwise}.{isNorm}")],
            _ => [FormattableString.Invariant($"{prefix}.{depthwise + 1 + isNorm}")],
        };
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    // Every layer before the classifier has its number in one sequence; in the classifier ReLU and dropout take two numbers after each.
    private static IReadOnlyList<string> Sequential(Graph graph, GraphNode node)
    {
        if (node.Operator is not Linear)
            return [FormattableString.Invariant($"features.{graph.Nodes.ToList().IndexOf(node)}")];

        int layer = graph.Nodes.Where(other => other.Operator is Linear).ToList().IndexOf(node);
        return [FormattableString.Invariant($"classifier.{3 * layer}")];
    }

    [GeneratedRegex(@"^(?:(?<stem>stem)|stage(?<stage>\d+)(?:\.block(?<block>\d+))?\.(?:conv(?<conv>\d)|shortcut))(?<norm>\.norm)?$")]
    private static partial Regex ResidualNode();

    [GeneratedRegex(@"^(?:stem|pair(?<pair>\d+)\.(?:depthwise|(?<pointwise>pointwise)))(?<norm>\.norm)?$")]
    private static partial Regex SeparableNode();

    [GeneratedRegex(@"^(?:stem|(?<last>last)|block(?<block>\d+)\.(?<layer>expand|depthwise|project))(?<norm>\.norm)?$")]
    private static partial Regex InvertedNode();
}

using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;
using AttributeType = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace Subp.Onnx.Import.Inlining;

/// <summary>
/// Puts standard nodes in the place of those that ONNX Runtime's optimiser fuses them into, of the domain com.microsoft: a file that was
/// saved optimised is imported as the file that it was made from. Source of the definitions: docs/ContribOperators.md of ONNX Runtime.
/// </summary>
internal sealed class FusedOperators
{
    /// <summary>The operators that are taken apart, by name; what they become is in the same order.</summary>
    public static IReadOnlyDictionary<string, string> Parts { get; } =
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["BiasGelu"] = "Add, Gelu",
            ["FastGelu"] = "Add where there is a bias, Gelu (tanh)",
            ["FusedConv"] = "Conv, Add where there is a sum, the activation",
            ["FusedGemm"] = "Gemm, the activation",
            ["Gelu"] = "Gelu",
            ["QuickGelu"] = "Mul, Sigmoid, Mul",
        };

    private readonly UniqueNames _names = new();
    private readonly List<NodeProto> _nodes = [];

    private FusedOperators(GraphProto graph)
    {
        foreach (var name in NodeCopies.AllNames(graph))
            _names.Reserve(name);
    }

    /// <summary>The graph without fused nodes.</summary>
    /// <exception cref="SubpException">SUBP0405: a fused node has an activation or an attribute that is not known.</exception>
    public static GraphProto Expand(GraphProto graph)
    {
        if (!graph.Node.Any(IsFused))
            return graph;
        var expansion = new FusedOperators(graph);
        foreach (var node in graph.Node)
        {
            if (IsFused(node))
                expansion.Expand(node);
            else
                expansion._nodes.Add(node);
        }

        var result = graph.Clone();
        result.Node.Clear();
        result.Node.AddRange(expansion._nodes);
        return result;
    }

    private static bool IsFused(NodeProto node) => node.Domain == ModelParser.MicrosoftDomain && Parts.ContainsKey(node.OpType);

    private void Expand(NodeProto node)
    {
        switch (node.OpType)
        {
            case "FusedConv":
                Convolution(node);
                break;
            case "FusedGemm":
                Activate(
                    node,
                    Add(node, "Gemm", node.Input, Others(node, name => name.StartsWith("activation", StringComparison.Ordinal)))
                );
                break;
            case "QuickGelu":
                var scaled = Add(node, "Mul", [node.Input[0], Number(node, Real(node, "alpha", 1.702f))]);
                Finish(node, "Mul", [node.Input[0], Add(node, "Sigmoid", [scaled])]);
                break;
            default:
                var isTanh = node.OpType == "FastGelu";
                var value = HasInput(node, 1) ? Add(node, "Add", node.Input.Take(2)) : node.Input[0];
                Finish(node, "Gelu", [value], isTanh ? [Text("approximate", "tanh")] : []);
                break;
        }
    }

    private void Convolution(NodeProto node)
    {
        var result = Add(node, "Conv", node.Input.Take(3), Others(node, name => name is "activation" or "activation_params"));
        Activate(node, HasInput(node, 3) ? Add(node, "Add", [result, node.Input[3]]) : result);
    }

    private void Activate(NodeProto node, string value)
    {
        var name = Attribute(node, "activation")?.S.ToStringUtf8() ?? "";
        var numbers =
            Attribute(node, "activation_params")?.Floats.ToArray()
            ??
            [
                .. new[] { "activation_alpha", "activation_beta" }
                    .Select(part => Attribute(node, part))
                    .OfType<AttributeProto>()
                    .Select(part => part.F),
            ];
        AttributeProto[] attributes = (name, numbers) switch
        {
            ("" or "Relu" or "Tanh" or "Sigmoid", _) => [],
            ("LeakyRelu", [var alpha, ..]) => [Float("alpha", alpha)],
            ("Clip", [var least, var most]) => [Float("min", least), Float("max", most)],
            ("HardSigmoid", [var alpha, var beta]) => [Float("alpha", alpha), Float("beta", beta)],
            _ => throw Invalid(
                node,
                FormattableString.Invariant($"the activation '{name}' with {numbers.Length} numbers"),
                "Relu, Tanh, Sigmoid, LeakyRelu with one number, or Clip or HardSigmoid with two"
            ),
        };
        Finish(node, name.Length == 0 ? "Identity" : name, [value], attributes);
    }

    private string Add(NodeProto node, string type, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null)
    {
        var output = _names.Take($"{node.Output[0]}.{type.ToLowerInvariant()}");
        Add(node, type, inputs, attributes ?? [], output);
        return output;
    }

    private void Finish(NodeProto node, string type, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null) =>
        Add(node, type, inputs, attributes ?? [], node.Output[0]);

    private void Add(NodeProto node, string type, IEnumerable<string> inputs, IEnumerable<AttributeProto> attributes, string output) =>
        _nodes.Add(
            new NodeProto
            {
                Name = node.Name,
                OpType = type,
                Input = { inputs },
                Output = { output },
                Attribute = { attributes },
            }
        );

    private string Number(NodeProto node, float value) => Add(node, "Constant", [], [Float("value_float", value)]);

    private static bool HasInput(NodeProto node, int index) => index < node.Input.Count && node.Input[index].Length > 0;

    private static IEnumerable<AttributeProto> Others(NodeProto node, Func<string, bool> isOwn) =>
        node.Attribute.Where(attribute => !isOwn(attribute.Name)).Select(attribute => attribute.Clone());

    private static AttributeProto? Attribute(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    private static float Real(NodeProto node, string name, float absent) => Attribute(node, name)?.F ?? absent;

    private static AttributeProto Float(string name, float value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Float,
            F = value,
        };

    private static AttributeProto Text(string name, string value) =>
        new()
        {
            Name = name,
            Type = AttributeType.String,
            S = Google.Protobuf.ByteString.CopyFromUtf8(value),
        };

    private static SubpException Invalid(NodeProto node, string found, string expected) =>
        new(DiagnosticDescriptors.OnnxAttribute, GraphIndex.Label(node), found, expected);
}

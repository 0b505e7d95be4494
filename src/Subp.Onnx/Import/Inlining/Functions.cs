using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import.Inlining;

/// <summary>
/// Puts the nodes of functions that a model defines in the place of the nodes that call them, functions inside functions included. The
/// rules are those of the ONNX standard: a formal name stands for the value of the call, an attribute that refers to one of the function
/// takes the call's or the default, and names inside are the function's own.
/// </summary>
internal sealed class Functions
{
    // Functions that call others twice double with every level. Real exports have a few nodes per function and call a few thousand.
    private const int MostNodes = 1 << 17;
    private const long MostBytes = 1 << 26;
    private const int Deepest = 64;

    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly UniqueNames _names = new();
    private readonly HashSet<FunctionProto> _open = new(ReferenceEqualityComparer.Instance);
    private readonly int _opset;
    private int _nodes;
    private long _bytes;

    private Functions(ModelProto model, int opset)
    {
        _opset = opset;
        foreach (var function in model.Functions)
        {
            if (!_functions.TryAdd((Domain(function.Domain), function.Name, function.Overload), function))
                throw Invalid($"function '{function.Name}'", "a second definition", "one definition of each function");
        }

        foreach (var name in NodeCopies.AllNames(model.Graph))
            _names.Reserve(name);
    }

    /// <summary>The graph of a model without calls of its functions.</summary>
    /// <exception cref="SubpException">A function calls itself, lacks an attribute, needs another opset, or all calls together are too
    /// large.</exception>
    public static GraphProto Inline(ModelProto model, int opset)
    {
        if (model.Functions.Count == 0)
            return model.Graph;
        var functions = new Functions(model, opset);
        return functions.Inline(model.Graph);
    }

    private GraphProto Inline(GraphProto graph)
    {
        var nodes = Inline(graph.Node);
        if (nodes.SequenceEqual(graph.Node, ReferenceEqualityComparer.Instance))
            return graph;
        var result = graph.Clone();
        result.Node.Clear();
        result.Node.AddRange(nodes);
        return result;
    }

    private List<NodeProto> Inline(IEnumerable<NodeProto> nodes)
    {
        var result = new List<NodeProto>();
        foreach (var node in nodes)
        {
            if (_functions.TryGetValue((Domain(node.Domain), node.OpType, node.Overload), out var function))
                result.AddRange(Body(node, function));
            else
                result.Add(WithInlinedBranches(node));
        }

        return result;
    }

    private NodeProto WithInlinedBranches(NodeProto node)
    {
        var result = node;
        for (var index = 0; index < node.Attribute.Count; index++)
        {
            if (node.Attribute[index].G is not { } branch)
                continue;
            var inlined = Inline(branch);
            if (ReferenceEquals(inlined, branch))
                continue;
            result = ReferenceEquals(result, node) ? node.Clone() : result;
            result.Attribute[index].G = inlined;
        }

        return result;
    }

    private List<NodeProto> Body(NodeProto call, FunctionProto function)
    {
        var place = GraphIndex.Label(call);
        if (!_open.Add(function) || _open.Count > Deepest)
            throw Invalid(
                place,
                $"the function '{function.Name}' inside itself or too deep in others",
                FormattableString.Invariant($"functions that call others at most {Deepest} deep")
            );
        var import = function.OpsetImport.Where(import => ModelParser.IsStandardDomain(import.Domain)).ToArray();
        if (import.Length > 0 && import[0].Version != _opset)
            throw new SubpException(
                DiagnosticDescriptors.OnnxOpset,
                place,
                FormattableString.Invariant($"the function '{function.Name}' of opset {import[0].Version} in a model of opset {_opset}"),
                "one opset for the whole model",
                "Inline the functions with onnx.inliner.inline_local_functions before the import."
            );
        if (call.Input.Count > function.Input.Count || call.Output.Count > function.Output.Count)
            throw Invalid(
                place,
                FormattableString.Invariant($"{call.Input.Count} inputs and {call.Output.Count} outputs"),
                FormattableString.Invariant($"at most the {function.Input.Count} and {function.Output.Count} of the function")
            );
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < function.Input.Count; index++)
            names[function.Input[index]] = index < call.Input.Count ? call.Input[index] : "";
        var result = new List<NodeProto>();
        for (var index = 0; index < call.Output.Count; index++)
        {
            var (formal, actual) = (function.Output[index], call.Output[index]);
            if (actual.Length == 0)
                continue;
            // An input that is an output too, and a value that is two outputs, need a node that gives it the second name.
            if (!names.TryAdd(formal, actual))
                result.Add(
                    new NodeProto
                    {
                        OpType = "Identity",
                        Input = { names[formal] },
                        Output = { actual },
                    }
                );
        }

        foreach (var value in function.Node.SelectMany(node => node.Output).Where(value => value.Length > 0))
        {
            if (!names.ContainsKey(value))
                names[value] = _names.Take(value);
        }

        var attributes = Attributes(call, function, place);
        var body = new List<NodeProto>();
        foreach (var node in function.Node)
        {
            _bytes += node.CalculateSize();
            if (++_nodes > MostNodes || _bytes > MostBytes)
                throw new SubpException(
                    DiagnosticDescriptors.TooLarge,
                    place,
                    FormattableString.Invariant($"{_nodes} nodes of {_bytes} bytes in the functions that are called"),
                    FormattableString.Invariant($"at most {MostNodes} nodes of {MostBytes} bytes")
                );
            var copy = NodeCopies.Renamed(node, names);
            Resolve(copy, attributes);
            body.Add(copy);
        }

        result.InsertRange(0, Inline(body));
        _open.Remove(function);
        return result;
    }

    // What the attributes inside of the function refer to, by name; null for one that the call leaves out and that has no default.
    private static Dictionary<string, AttributeProto?> Attributes(NodeProto call, FunctionProto function, string place)
    {
        var values = function
            .Attribute.Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, _ => (AttributeProto?)null, StringComparer.Ordinal);
        foreach (var attribute in function.AttributeProto)
            values[attribute.Name] = attribute;
        foreach (var attribute in call.Attribute)
        {
            if (!values.ContainsKey(attribute.Name))
                throw Invalid(place, $"the attribute '{attribute.Name}'", $"the attributes of the function '{function.Name}'");
            values[attribute.Name] = attribute;
        }

        return values;
    }

    private static void Resolve(NodeProto node, Dictionary<string, AttributeProto?> values)
    {
        for (var index = node.Attribute.Count - 1; index >= 0; index--)
        {
            var attribute = node.Attribute[index];
            if (attribute.G is { } branch)
            {
                foreach (var inner in branch.Node)
                    Resolve(inner, values);
            }

            if (attribute.RefAttrName.Length == 0)
                continue;
            if (!values.TryGetValue(attribute.RefAttrName, out var value))
                throw Invalid(GraphIndex.Label(node), $"a reference to the attribute '{attribute.RefAttrName}'", "one of the function");
            node.Attribute.RemoveAt(index);
            if (value is null)
                continue;
            var copy = value.Clone();
            copy.Name = attribute.Name;
            node.Attribute.Insert(index, copy);
        }
    }

    private static string Domain(string domain) => ModelParser.IsStandardDomain(domain) ? "" : domain;

    private static SubpException Invalid(string place, string found, string expected) =>
        new(DiagnosticDescriptors.OnnxGraph, place, found, expected);
}

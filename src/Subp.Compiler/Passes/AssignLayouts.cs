using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Gives every value a memory layout and makes each conversion an explicit node. Images are blocked (lanes are channels); the network input
/// stays planar where only convolutions of few channels read it, since a block of 16 channels would be mostly empty; vectors are padded.
/// What has no kernel in these layouts is dense, and so is what reads dense values only and can be: a chain stays in one layout. Bytes have
/// their channels last where integers are computed, and are dense where they are only moved.
/// </summary>
public sealed class AssignLayouts : GraphPass
{
    /// <summary>Up to this many input channels a stem reads its input planar: above half a block the blocked form wastes little.</summary>
    private const int PlanarChannelLimit = 8;

    /// <inheritdoc/>
    public override string Name => "assign-layouts";

    /// <inheritdoc/>
    public override Graph Run(Graph graph) => new Assignment(graph).Run();

    private static Layout InputLayout(GraphInput input, IReadOnlyList<GraphNode> consumers)
    {
        if (input.Type.Quantization is not null)
            return Layout.ChannelsLast;
        if (!input.Shape.IsImage)
            return Layout.Nchw;
        var onlyConvolutions = consumers.All(node =>
            node.Operator is Conv2d { Groups: 1 } && node.Inputs[0] == input.Name && node.Inputs.Count == 1
        );
        return onlyConvolutions && consumers.Count > 0 && input.Shape.Channels <= PlanarChannelLimit ? Layout.Planar : Layout.Blocked16;
    }

    /// <summary>The assignment for one graph.</summary>
    private sealed class Assignment(Graph graph)
    {
        private readonly HashSet<string> _dense = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Value, bool IsDense), string> _converted = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly List<GraphNode> _nodes = [];

        public Graph Run()
        {
            foreach (var node in graph.Nodes.Where(IsDense))
                _dense.Add(node.Name);
            foreach (var input in graph.Inputs)
            {
                var consumers = graph.ConsumersOf(input.Name).Where(node => !ReadsDense(node)).ToArray();
                var isFloat = input.Type.Quantization is null;
                var isPassedOn = graph.IsOutput(input.Name) && isFloat && (input.Shape.IsImage || input.Shape.IsVector);
                if (consumers.Length > 0 || isPassedOn)
                    Convert(input.Name, isDense: false, InputLayout(input, consumers));
            }

            foreach (var node in graph.Nodes)
            {
                var isDense = _dense.Contains(node.Name);
                var readsDense = ReadsDense(node);
                string[] inputs = [.. node.Inputs.Select(input => In(input, readsDense))];
                _nodes.Add(
                    node with
                    {
                        Layout = LayoutOf(node.Shape, node.Type, isDense),
                        Inputs = inputs.SequenceEqual(node.Inputs) ? node.Inputs : inputs,
                    }
                );
            }

            return graph.With(nodes: _nodes, outputs: [.. graph.Outputs.Select(Output)]);
        }

        /// <summary>Whether a node computes dense values; those before it are decided.</summary>
        private bool IsDense(GraphNode node) =>
            KernelFamilies.TouchesBytes(graph, node)
                ? KernelFamilies.Of(graph, node).First().WritesDense(graph, node)
                : IsDenseOfFloats(node);

        /// <summary>Whether a node reads dense values.</summary>
        private bool ReadsDense(GraphNode node) =>
            KernelFamilies.TouchesBytes(graph, node)
                ? KernelFamilies.Of(graph, node).First().ReadsDense(graph, node)
                : _dense.Contains(node.Name);

        private bool IsDenseOfFloats(GraphNode node) =>
            !KernelFamilies.AcceptsImages(graph, node)
            || (
                node.Inputs.Count > 0
                && KernelFamilies.AcceptsDense(graph, node)
                && (
                    node.Inputs.All(_dense.Contains)
                    // The values of parameters are dense and of no batch.
                    || node.Inputs.Any(input => graph.FindNode(input)?.Operator is Constant)
                )
            );

        /// <summary>The name of a value in the kind of layout that a reader wants; a conversion is added where it has another.</summary>
        private string In(string value, bool isDense)
        {
            var hasDense = graph.IsInput(value) || _dense.Contains(value);
            if (_converted.TryGetValue((value, isDense), out var name))
                return name;
            return hasDense == isDense ? value : Convert(value, isDense, LayoutOf(graph.ShapeOf(value), graph.TypeOf(value), isDense));
        }

        private string Convert(string value, bool isDense, Layout layout)
        {
            var name = Add(value, value, layout, $"{value}.{layout.ToString().ToLowerInvariant()}");
            _converted[(value, isDense)] = name;
            return name;
        }

        /// <summary>
        /// The value to return. Dense results are written where the caller wants them, unless other nodes read them too: the caller's
        /// memory is only written.
        /// </summary>
        private string Output(string value)
        {
            if (graph.IsInput(value) && !_converted.ContainsKey((value, false)))
                return Add(value, value, Layout.Dense, $"{value}.dense");
            if (_dense.Contains(value))
                return graph.ConsumersOf(value).Count == 0 ? value : Add(value, value, Layout.Dense, $"{value}.dense");
            return graph.TypeOf(value).Quantization is null
                ? Add(value, In(value, isDense: false), Layout.Nchw, $"{value}.nchw")
                : Add(value, In(value, isDense: false), Layout.Dense, $"{value}.dense");
        }

        private string Add(string value, string source, Layout layout, string wanted)
        {
            var name = UniqueName(graph, wanted);
            while (!_names.Add(name))
                name = UniqueName(graph, name + "_");
            _nodes.Add(new GraphNode(name, new ChangeLayout(), [source], graph.ShapeOf(value), layout) { Type = graph.TypeOf(value) });
            return name;
        }

        private static Layout LayoutOf(TensorShape shape, TensorType type, bool isDense) =>
            isDense ? Layout.Dense
            : type.Quantization is not null ? Layout.ChannelsLast
            : shape.IsImage ? Layout.Blocked16
            : Layout.Nchw;
    }
}

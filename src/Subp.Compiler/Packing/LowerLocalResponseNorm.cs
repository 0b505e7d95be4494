using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Takes local response normalisations apart into operators that kernels exist for: the mean square of neighbouring channels is an average
/// pool over [batch, 1, channels, pixels] whose padding counts, and the value is divided by (bias + alpha * mean) ^ beta. It is a packing
/// pass since alpha, bias and beta become constants.
/// </summary>
public sealed class LowerLocalResponseNorm : PackingPass
{
    /// <inheritdoc/>
    public override string Name => "lower-local-response-norm";

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        if (!model.Graph.Nodes.Any(node => node.Operator is LocalResponseNorm))
            return model;
        var lowering = new Lowering(model);
        foreach (var node in model.Graph.Nodes)
        {
            if (node.Operator is LocalResponseNorm norm)
                lowering.Lower(node, norm);
            else
                lowering.Nodes.Add(node);
        }

        return new Model(model.Graph.With(parameters: lowering.Parameters, nodes: lowering.Nodes), lowering.Weights);
    }

    /// <summary>The network as far as it is rewritten.</summary>
    private sealed class Lowering
    {
        private readonly HashSet<string> _names;

        public Lowering(Model model)
        {
            var graph = model.Graph;
            Parameters = [.. graph.Parameters];
            foreach (var name in model.Weights.Names)
                Weights[name] = model.Weights[name];
            _names = new HashSet<string>(
                graph
                    .Inputs.Select(input => input.Name)
                    .Concat(graph.Nodes.Select(node => node.Name))
                    .Concat(graph.Parameters.Select(parameter => parameter.Name)),
                StringComparer.Ordinal
            );
        }

        public List<GraphNode> Nodes { get; } = [];

        public List<Parameter> Parameters { get; }

        public WeightSet Weights { get; } = new();

        public void Lower(GraphNode node, LocalResponseNorm norm)
        {
            var (value, shape) = (node.Inputs[0], node.Shape);
            var channels = shape.Channels;
            var columns = new TensorShape(shape.Batch, 1, channels, shape.ElementCount / shape.Batch / channels);
            var before = (norm.Size - 1) / 2;
            var window = new Window(new Extent(norm.Size, 1), Extent.One, new Padding(before, 0, norm.Size - 1 - before, 0), Extent.One);
            var square = Add(node, "square", new Mul(), shape, value, value);
            var column = Add(node, "columns", new Reshape(columns.Dimensions), columns, square);
            var mean = Add(
                node,
                "mean",
                new Pool2d
                {
                    Kind = PoolKind.Average,
                    Window = window,
                    CountIncludesPadding = true,
                },
                columns,
                column
            );
            var back = Add(node, "planes", new Reshape(shape.Dimensions), shape, mean);
            var scaled = Add(node, "scaled", new Mul(), shape, back, Constant(node, "alpha", norm.Alpha));
            var raised = Add(node, "raised", new Add(), shape, scaled, Constant(node, "bias", norm.Bias));
            var power = new Binary { Kind = BinaryKind.Power };
            var divisor = Add(node, "divisor", power, shape, raised, Constant(node, "beta", norm.Beta));
            Nodes.Add(
                node with
                {
                    Operator = new Binary { Kind = BinaryKind.Divide },
                    Inputs = [value, divisor],
                }
            );
        }

        private string Constant(GraphNode node, string role, float value)
        {
            var shape = new TensorShape(1);
            var parameter = Unique($"{node.Name}.{role}.value");
            Parameters.Add(new Parameter(parameter, shape));
            Weights[parameter] = new WeightTensor(shape, [value]);
            return Add(node, role, new Constant { Value = parameter }, shape);
        }

        private string Add(GraphNode node, string role, Operator step, TensorShape shape, params string[] inputs)
        {
            var name = Unique($"{node.Name}.{role}");
            Nodes.Add(new GraphNode(name, step, inputs, shape));
            return name;
        }

        private string Unique(string name)
        {
            while (!_names.Add(name))
                name += "_";
            return name;
        }
    }
}

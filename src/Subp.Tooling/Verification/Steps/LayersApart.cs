using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Tooling.Verification.Steps;

/// <summary>
/// The layers of bytes of a network side by side: every one reads inputs of its own in place of what other layers made, so that a byte that
/// one of them rounds otherwise has no effect on the next.
/// </summary>
/// <param name="Model">The layers that make bytes, and those that make floats of sums of bytes; each is an output.</param>
/// <param name="Values">The value of the network that each input stands for.</param>
internal sealed record LayersApart(Model Model, IReadOnlyList<string> Values)
{
    /// <summary>Takes a network apart.</summary>
    public static LayersApart Of(Model model)
    {
        var graph = model.Graph;
        var builder = new GraphBuilder(graph.Name);
        var weights = new WeightSet();
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        var values = new List<string>();
        foreach (var node in graph.Nodes.Where(node => IsCompared(graph, node)))
        {
            foreach (var use in node.Operator.Parameters.Where(use => builder.FindParameter(use.Name) is null))
            {
                var parameter = graph.Parameter(use.Name);
                builder.Parameter(parameter.Name, parameter.Shape, parameter.Element, parameter.Pattern);
                weights[use.Name] = model.Weights[use.Name];
            }

            string[] inputs = [.. node.Inputs.Select(Given)];
            builder.Output(builder.Node(node.Name, node.Operator, inputs, Layout.Nchw, node.Type));
        }

        return new LayersApart(new Model(builder.Build(), weights), values);

        string Given(string value)
        {
            if (given.TryGetValue(value, out var known))
                return known;
            var name = value + ".given";
            while (graph.FindNode(name) is not null)
                name += "_";
            values.Add(value);
            return given[value] = builder.Input(name, graph.ShapeOf(value), graph.TypeOf(value));
        }
    }

    // What only turns bytes into numbers is no layer, and where they lie is a matter of the compiled code.
    private static bool IsCompared(Graph graph, GraphNode node) =>
        node.Operator is not ChangeLayout
        && (
            node.Type.Quantization is not null
            || (node.Operator is Conv2d or Linear && graph.TypeOf(node.Inputs[0]).Quantization is not null)
        );
}

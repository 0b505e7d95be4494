using Subp.Compiler.Planning.Convolutions;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>
/// Decides which values share memory. A value lies in a storage, whose owner is the value that covers all of it:
/// flattening one pixel moves nothing; an element-wise step writes over an operand that nothing reads any more.
/// </summary>
internal sealed class StoragePlanner
{
    private readonly Graph _graph;
    private readonly ConvolutionChoices _choices;
    private readonly Dictionary<string, int> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _tenants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _aliases = new(StringComparer.Ordinal);

    /// <summary>Decides for all values.</summary>
    /// <param name="graph">The laid out graph.</param>
    /// <param name="choices">The kernels of the convolutions.</param>
    public StoragePlanner(Graph graph, ConvolutionChoices choices)
    {
        _graph = graph;
        _choices = choices;
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            var name = graph.Nodes[step].Name;
            _steps[name] = step;
            _owners[name] = name;
            _tenants[name] = [name];
        }

        foreach (var node in graph.Nodes)
        {
            if (IsSameMemory(node))
            {
                Share(node.Name, node.Inputs[0]);
                _aliases.Add(node.Name);
            }
            else if (!graph.IsOutput(node.Name) && node.Inputs.FirstOrDefault(input => MayWriteOver(node, input)) is { } operand)
            {
                Share(node.Name, operand);
            }
        }
    }

    /// <summary>The value whose storage a value lies in.</summary>
    public string Owner(string value) => _owners[value];

    /// <summary>The values that share the storage of a value.</summary>
    public IReadOnlyList<string> Tenants(string value) => _tenants[Owner(value)];

    /// <summary>The values that are another one in other words and need no step of their own.</summary>
    public IReadOnlyCollection<string> Aliases => _aliases;

    private void Share(string value, string with)
    {
        var owner = _owners[with];
        _owners[value] = owner;
        _tenants[owner].Add(value);
        _tenants.Remove(value);
    }

    /// <summary>Flattening one pixel or a vector moves nothing: blocks of 16 channels of one pixel lie as the padded vector does.</summary>
    private bool IsSameMemory(GraphNode node)
    {
        if (node.Operator is not Flatten)
            return false;
        var shape = _graph.ShapeOf(node.Inputs[0]);
        return !shape.IsImage || (shape is { Height: 1, Width: 1 } && _graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16
            // A padded convolution that reads the pixel wants zeros around it, and then the blocks are not side by side.
            && BufferPlanner.HaloOf(_graph, _choices, node.Inputs[0]).IsNone);
    }

    /// <summary>
    /// True where a step may write over an operand: it reads each element just before it writes the same one, both lie alike, and nothing that
    /// shares the operand's storage is read later. The halo needs no thought: both values share one that the first writer zeroes.
    /// </summary>
    private bool MayWriteOver(GraphNode node, string operand)
    {
        var elementWise = node.Operator switch
        {
            Add or Activate or BatchNorm => true,
            Conv2d when node.Inputs.Count == 2 && operand == node.Inputs[1] => Owner(node.Inputs[0]) != Owner(operand) && _choices.MayWriteOverResidual(node),
            _ => false,
        };
        if (!elementWise || !_owners.TryGetValue(operand, out var owner))
            return false;
        var step = _steps[node.Name];
        return _graph.ShapeOf(owner).Equals(node.Shape) && _graph.LayoutOf(owner) == node.Layout && !_graph.IsOutput(owner)
            && _tenants[owner].All(tenant => LastRead(tenant) <= step);
    }

    private int LastRead(string value) => _graph.ConsumersOf(value) is { Count: > 0 } consumers ? _steps[consumers[consumers.Count - 1].Name] : -1;
}

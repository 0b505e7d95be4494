using Subp.Core.Graphs;
using Subp.Training.Engines;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>
/// The nodes of a network as functions, cut into segments. A segment ends where a single value carries everything that later nodes need;
/// the backward pass can stop there, so that the gradients of the segment behind it are complete while those before it are still to come.
/// </summary>
internal sealed class TorchProgram
{
    // Gradients that are sent one segment at a time should be worth a message: 64 K values, a quarter of a megabyte.
    private const int MinimumSegment = 1 << 16;

    private readonly TrainedNetwork _network;
    private readonly (GraphNode Node, NodeFunction Function, string[] LastUses)[] _steps;
    private readonly IReadOnlyDictionary<string, ValueRounding> _roundings;
    private readonly HashSet<int> _cuts = [];

    public TorchProgram(TrainedNetwork network, NodeFunctions functions, IReadOnlyDictionary<string, ValueRounding> roundings)
    {
        _network = network;
        _roundings = roundings;
        var lastUse = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < network.Nodes.Count; i++)
        {
            foreach (string input in network.Nodes[i].Inputs)
                lastUse[input] = i;
        }

        _steps = new (GraphNode, NodeFunction, string[])[network.Nodes.Count];
        for (int i = 0; i < _steps.Length; i++)
        {
            var node = network.Nodes[i];
            string[] dead = [.. node.Inputs.Distinct().Where(input => lastUse[input] == i)];
            _steps[i] = (node, functions.Of(node), dead);
        }

        Segments = Cut(functions, lastUse);
    }

    /// <summary>
    /// The trained parameters of each segment, the last segment first: the order in which a backward pass completes them.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Segments { get; }

    /// <summary>Computes the logits.</summary>
    /// <param name="images">The images.</param>
    /// <param name="training">Whether batch statistics are used and the running ones move.</param>
    /// <param name="borders">Takes the value on both sides of each border, for a pass that goes back one segment at a time; or
    /// null.</param>
    public Tensor Forward(Tensor images, bool training, List<(Tensor Before, Tensor Behind)>? borders)
    {
        string input = _network.Graph.Inputs[0].Name;
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [input] = Rounded(input, images, training) };
        for (int i = 0; i < _steps.Length; i++)
        {
            var (node, function, dead) = _steps[i];
            Tensor[] inputs = [.. node.Inputs.Select(name => values[name])];
            using var scope = NewDisposeScope();
            var value = Rounded(node.Name, function(inputs, training), training);
            // A function that works in place returns its input, which belongs to the outer scope already.
            if (!inputs.Any(source => ReferenceEquals(source, value)))
                value.MoveToOuterDisposeScope();

            if (borders is not null && _cuts.Contains(i))
            {
                var behind = value.detach().requires_grad_(true).MoveToOuterDisposeScope();
                borders.Add((value, behind));
                value = behind;
            }

            values[node.Name] = value;
            foreach (string name in dead)
                values.Remove(name);
        }

        return values[_network.Logits];
    }

    // What reads the value from here on reads its bytes.
    private Tensor Rounded(string name, Tensor value, bool training) =>
        _roundings.TryGetValue(name, out var rounding) ? rounding.Apply(value, training) : value;

    private List<IReadOnlyList<string>> Cut(NodeFunctions functions, Dictionary<string, int> lastUse)
    {
        var segments = new List<IReadOnlyList<string>>();
        var current = new List<string>();
        int count = 0;
        int reach = -1;
        for (int i = 0; i < _steps.Length; i++)
        {
            var node = _steps[i].Node;
            foreach (var use in node.Operator.Parameters.Where(use => _network[use.Name].IsTrained))
            {
                current.Add(use.Name);
                count += _network[use.Name].Shape.ElementCount;
            }

            // A value of an earlier node that is still needed would have to cross the border too.
            bool isNarrow = reach <= i && i < _steps.Length - 1;
            reach = Math.Max(reach, lastUse.GetValueOrDefault(node.Name, i));
            bool isKept = i < _steps.Length - 1 && !functions.OverwritesInput(_steps[i + 1].Node);
            if (isNarrow && isKept && count >= MinimumSegment)
            {
                _cuts.Add(i);
                current.Reverse();
                segments.Insert(0, current);
                current = [];
                count = 0;
            }
        }

        current.Reverse();
        segments.Insert(0, current);
        return segments;
    }
}

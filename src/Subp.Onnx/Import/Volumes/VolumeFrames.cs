using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Volumes;

/// <summary>
/// Lets what lies between two layers of a network over volumes compute on the frames that the layers make and read: normalisations,
/// activations and sums, which then become part of the convolutions, and the two transpositions between the layers are gone.
/// </summary>
internal sealed class VolumeFrames
{
    private readonly Graph _graph;
    private readonly List<GraphNode> _nodes = [];
    private readonly HashSet<string> _names;
    private readonly Dictionary<string, GraphNode> _made = new(StringComparer.Ordinal);

    // Of a volume its frames.
    private readonly Dictionary<string, GraphNode> _frames = new(StringComparer.Ordinal);

    // Of frames that were made of a volume, the frames that the volume was made of.
    private readonly Dictionary<string, string> _same = new(StringComparer.Ordinal);

    private VolumeFrames(Graph graph, IEnumerable<string> reserved)
    {
        _graph = graph;
        _names = [.. graph.Inputs.Select(input => input.Name), .. graph.Nodes.Select(node => node.Name), .. reserved];
    }

    /// <summary>
    /// The network with what can be computed on frames computed on frames; volumes that nobody reads any more are left in it. The very same
    /// object where it has none.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="reserved">Names that values get later.</param>
    public static Graph Lift(Graph graph, IEnumerable<string> reserved)
    {
        if (!graph.Nodes.Any(IsSwap))
            return graph;
        var frames = new VolumeFrames(graph, reserved);
        foreach (var node in graph.Nodes)
            frames.Visit(node);
        return graph.With(nodes: frames._nodes);
    }

    private static bool IsSwap(GraphNode node) =>
        node.Operator is Transpose transpose && node.Shape.Rank == 5 && transpose.Permutation.SequenceEqual(Frames.Swap);

    private void Visit(GraphNode node)
    {
        if (node.Inputs.Any(_same.ContainsKey))
            node = node with { Inputs = [.. node.Inputs.Select(input => _same.GetValueOrDefault(input, input))] };
        if (IsSwap(node) && FramesBehind(node) is { } frames)
            _frames[node.Name] = frames;
        else if (node.Operator is Reshape && !_graph.IsOutput(node.Name) && IsFramesAgain(node) is { } known)
            _same[node.Name] = known;
        else if (IsElementwise(node))
        {
            Lift(node);
            return;
        }

        Keep(node);
    }

    // A volume that was made of frames: apart by images, and then channels and depth swapped.
    private GraphNode? FramesBehind(GraphNode node) =>
        _made.GetValueOrDefault(node.Inputs[0]) is { Operator: Reshape } apart
        && _made.GetValueOrDefault(apart.Inputs[0]) is { Shape: { Rank: 4 } shape } frames
        && shape[0] == apart.Shape[0] * apart.Shape[1]
        && shape[1] == apart.Shape[2]
        && shape[2] == apart.Shape[3]
        && shape[3] == apart.Shape[4]
            ? frames
            : null;

    // The way back of such a volume.
    private string? IsFramesAgain(GraphNode node) =>
        _made.GetValueOrDefault(node.Inputs[0]) is { } turned
        && IsSwap(turned)
        && _frames.GetValueOrDefault(turned.Inputs[0]) is { } frames
        && frames.Shape.Equals(node.Shape)
            ? frames.Name
            : null;

    private bool IsElementwise(GraphNode node) =>
        node.Operator is Activate or BatchNorm or Add or Mul or Binary
        && node.Type.Quantization is null
        && node.Inputs.All(_frames.ContainsKey)
        && node.Inputs.All(input => _made[input].Shape.Equals(node.Shape));

    private void Lift(GraphNode node)
    {
        var inputs = node.Inputs.Select(input => _frames[input]).ToArray();
        var frames = node with
        {
            Name = Unique(node.Name + ".frames"),
            Inputs = [.. inputs.Select(input => input.Name)],
            Shape = inputs[0].Shape,
        };
        var shape = node.Shape;
        var apart = node with
        {
            Name = Unique(node.Name + ".apart"),
            Operator = new Reshape(shape[0], shape[2], shape[1], shape[3], shape[4]),
            Inputs = [frames.Name],
            Shape = new TensorShape(shape[0], shape[2], shape[1], shape[3], shape[4]),
        };
        Keep(frames);
        Keep(apart);
        Keep(
            node with
            {
                Operator = new Transpose { Permutation = Frames.Swap },
                Inputs = [apart.Name],
            }
        );
        _frames[node.Name] = frames;
    }

    private void Keep(GraphNode node)
    {
        _nodes.Add(node);
        _made[node.Name] = node;
    }

    private string Unique(string name)
    {
        var unique = name;
        for (var number = 2; !_names.Add(unique); number++)
            unique = FormattableString.Invariant($"{name}{number}");
        return unique;
    }
}

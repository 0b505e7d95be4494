using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Lets a network over lines [batch, channels, length] compute on the images of one row that its convolutions and pools make of them: what
/// lies between two of them and keeps channels where they are goes through the reshape, and a reshape that meets its inverse is gone. Then
/// activations and sums are done by the convolutions before them, and channels can be followed from one convolution to the next.
/// </summary>
internal sealed class ImageLines
{
    private readonly Graph _graph;
    private readonly List<GraphNode> _nodes = [];
    private readonly HashSet<string> _names;

    private readonly Dictionary<string, TensorShape> _made = new(StringComparer.Ordinal);

    // Of a line the image with the same elements.
    private readonly Dictionary<string, string> _images = new(StringComparer.Ordinal);

    // Of an image that was made of a line, the image that the line was made of.
    private readonly Dictionary<string, string> _same = new(StringComparer.Ordinal);

    private ImageLines(Graph graph, IEnumerable<string> reserved)
    {
        _graph = graph;
        _names = [.. graph.Inputs.Select(input => input.Name), .. graph.Nodes.Select(node => node.Name), .. reserved];
    }

    /// <summary>
    /// The network with what can be computed on images computed on images; lines that nobody reads any more are left in it. The very same
    /// object where it has none.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="reserved">Names that values get later.</param>
    public static Graph Lift(Graph graph, IEnumerable<string> reserved)
    {
        if (!graph.Nodes.Any(node => IsLineOfImage(node, graph.ShapeOf)))
            return graph;
        var lines = new ImageLines(graph, reserved);
        foreach (var node in graph.Nodes)
            lines.Visit(node);
        return graph.With(nodes: lines._nodes);
    }

    private static bool IsLineOfImage(GraphNode node, Func<string, TensorShape> shapeOf) =>
        node.Operator is Reshape && node.Shape.Rank == 3 && shapeOf(node.Inputs[0]).Equals(ImageOf(node.Shape));

    private static TensorShape ImageOf(TensorShape line) => new(line[0], line[1], 1, line[2]);

    private void Visit(GraphNode node)
    {
        if (node.Inputs.Any(_same.ContainsKey))
            node = node with { Inputs = [.. node.Inputs.Select(input => _same.GetValueOrDefault(input, input))] };
        if (IsLineOfImage(node, ShapeOf))
        {
            _images[node.Name] = node.Inputs[0];
            _nodes.Add(node);
            return;
        }

        var readsLine = node.Inputs.Any(_images.ContainsKey);
        if (readsLine && node.Operator is Reshape or Flatten && TryLiftReshape(node))
            return;
        if (readsLine && Lifted(node) is { } @operator)
            Lift(node, @operator);
        else
            _nodes.Add(node);
    }

    private bool TryLiftReshape(GraphNode node)
    {
        var (image, line) = (_images[node.Inputs[0]], ShapeOf(node.Inputs[0]));
        if (node.Shape.Equals(ImageOf(line)) && !_graph.IsOutput(node.Name))
        {
            _same[node.Name] = image;
            return true;
        }

        if (!node.Shape.IsVector || node.Shape.Batch != line[0])
            return false;
        _nodes.Add(node with { Operator = new Flatten(), Inputs = [image] });
        return true;
    }

    // The operator that computes on images what that of the node computes on lines, or null.
    private Operator? Lifted(GraphNode node)
    {
        var isOfLines = node.Inputs.All(input => ShapeOf(input).Rank == 3);
        return node.Operator switch
        {
            Activate or BatchNorm or Quantize or Dequantize => node.Operator,
            // A row broadcasts over images as it does over lines.
            Add or Mul or Binary or Where when node.Inputs.All(input => ShapeOf(input).Rank is 3 or < 2) => node.Operator,
            Concat { Axis: 1 } when isOfLines => node.Operator,
            Concat { Axis: 2 } concat when isOfLines => concat with { Axis = 3 },
            Slice { Axis: < 2 } => node.Operator,
            Slice { Axis: 2 } slice => slice with { Axis = 3 },
            Pad pad when node.Shape[0] == ShapeOf(node.Inputs[0])[0] && node.Shape[1] == ShapeOf(node.Inputs[0])[1] => OfLength(node, pad),
            Reduce { Kind: ReduceKind.Mean, Axes: [2] } => new GlobalAveragePool(),
            _ => null,
        };
    }

    // Padding of the last axis alone.
    private Pad OfLength(GraphNode node, Pad pad)
    {
        var before = pad.Before(2, 3);
        return pad with { Pads = (int[])[0, before, 0, node.Shape[2] - ShapeOf(node.Inputs[0])[2] - before] };
    }

    private void Lift(GraphNode node, Operator @operator)
    {
        // A mean may have lost its axis.
        var line = node.Shape.Rank == 3 ? node.Shape : new TensorShape(node.Shape[0], node.Shape[1], 1);
        var image = node with
        {
            Name = Unique(node.Name + ".image"),
            Operator = @operator,
            Inputs = [.. node.Inputs.Select(Image)],
            Shape = ImageOf(line),
        };
        Keep(image);
        _nodes.Add(
            node.Shape.Rank == 3
                ? node with
                {
                    Operator = new Reshape(line.Dimensions),
                    Inputs = [image.Name],
                }
                : node with
                {
                    Operator = new Flatten(),
                    Inputs = [image.Name],
                }
        );
        if (node.Shape.Rank == 3)
            _images[node.Name] = image.Name;
    }

    // What is no line, a row or a number, stays as it is.
    private string Image(string value)
    {
        var shape = ShapeOf(value);
        if (shape.Rank != 3)
            return value;
        if (_images.TryGetValue(value, out var image))
            return image;
        var made = new GraphNode(Unique(value + ".image"), new Reshape(ImageOf(shape).Dimensions), [value], ImageOf(shape))
        {
            Type = _graph.TypeOf(value),
        };
        Keep(made);
        return _images[value] = made.Name;
    }

    private void Keep(GraphNode made)
    {
        _nodes.Add(made);
        _made[made.Name] = made.Shape;
    }

    private TensorShape ShapeOf(string value) => _made.TryGetValue(value, out var shape) ? shape : _graph.ShapeOf(value);

    private string Unique(string wanted)
    {
        while (!_names.Add(wanted))
            wanted += "_";
        return wanted;
    }
}

using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>Where the values of a graph lie: in the arena, with the caller, or among the constants if they are parameters.</summary>
internal sealed class ValuePlaces(Graph graph, ArenaPlanner arena, ConstantsBuilder constants)
{
    private readonly Dictionary<string, OperandPlace> _parameters = new(StringComparer.Ordinal);

    /// <summary>The place of a value.</summary>
    public OperandPlace Of(string value) =>
        arena.Buffer(value) is { } buffer ? new OperandPlace(OperandMemory.Arena, buffer.Offset)
        : graph.FindNode(value)?.Operator is Constant constant && !graph.IsOutput(value) ? OfParameter(constant.Value)
        : graph.IsInput(value) ? new OperandPlace(OperandMemory.Input, graph.Inputs.Select(input => input.Name).ToList().IndexOf(value))
        : new OperandPlace(OperandMemory.Output, graph.Outputs.ToList().IndexOf(value));

    /// <summary>The place of the first pixel of an image, inside of its halo, or of a vector; or where the caller has it.</summary>
    public OperandPlace OfImage(string value) =>
        arena.Buffer(value) is { } buffer ? new OperandPlace(OperandMemory.Arena, buffer.Offset + buffer.Origin) : Of(value);

    /// <summary>
    /// Where the window of output pixel (0, 0) of a convolution starts: above and left of the first pixel by the padding, which lies inside
    /// the halo.
    /// </summary>
    public OperandPlace OfWindow(string value, Window window)
    {
        var buffer = arena.Buffer(value)!;
        var (above, left) = (window.Padding.Top * buffer.RowPitch, window.Padding.Left * buffer.PixelStride);
        return new OperandPlace(OperandMemory.Arena, buffer.Offset + buffer.Origin - above - left);
    }

    /// <summary>The place of a dense parameter, as it is in the file; one copy serves all who read it.</summary>
    public OperandPlace OfParameter(string name)
    {
        if (!_parameters.TryGetValue(name, out var place))
        {
            var count = graph.Parameter(name).Shape.ElementCount;
            _parameters[name] = place = new OperandPlace(
                OperandMemory.Constants,
                constants.Add(count, (offset, length) => new PaddedVector(offset, length, name, count))
            );
        }

        return place;
    }
}

using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>What lies where in the arena and how long: the table for the remarks of the emitted class, and a line for each place.</summary>
internal static class ArenaMap
{
    private static readonly string[] Titles = ["value", "shape", "layout", "bytes from", "to", "layers"];

    /// <summary>The lines of the table in the order of the layers, columns aligned, without trailing blanks.</summary>
    public static IEnumerable<string> Lines(ModelPlan plan)
    {
        var rows = new List<string[]> { Titles };
        rows.AddRange(
            plan.Buffers.Select(buffer =>
                (string[])
                    [
                        CSharpText.Comment(buffer.Value),
                        buffer.Shape.ToString(),
                        LayoutOf(buffer),
                        CSharpText.Number((long)buffer.Offset * sizeof(float)),
                        CSharpText.Number(((long)buffer.Offset + buffer.Length) * sizeof(float)),
                        Life(plan, buffer),
                    ]
            )
        );
        return AlignedColumns.Lines(rows, column => column is 3 or 4);
    }

    /// <summary>What is known of a place, in one sentence.</summary>
    public static string Describe(ModelPlan plan, BufferPlan buffer) =>
        $"{CSharpText.Comment(buffer.Value)} {buffer.Shape}, {LayoutOf(buffer)}; alive in layers {Life(plan, buffer)}.";

    /// <summary>The layout and the halo in words.</summary>
    public static string LayoutOf(BufferPlan buffer)
    {
        var elements = buffer.IsBytes ? "bytes, " : "";
        var layout =
            buffer.Layout == Layout.Nchw && !buffer.Shape.IsImage ? "vector"
            : buffer.InterleavedChannels > 1 ? Invariant($"blocks of {buffer.InterleavedChannels} channels")
            : buffer.Layout == Layout.ChannelsLast ? "channels last"
            : buffer.Layout == Layout.Stripes16 ? "stripes of 16 pixels"
            : buffer.Layout.ToString().ToLowerInvariant();
        var (top, left, bottom, right) = (buffer.Halo.Top, buffer.Halo.Left, buffer.Halo.Bottom, buffer.Halo.Right);
        var halo =
            buffer.Halo.IsNone ? ""
            : top == left && top == bottom && top == right ? Invariant($", halo {top}")
            : Invariant($", halo {top} {left} {bottom} {right}");
        return elements + layout + halo;
    }

    /// <summary>The first and the last layer that touch a value: <c>2 to 4</c>.</summary>
    private static string Life(ModelPlan plan, BufferPlan buffer)
    {
        var touching = plan
            .Layers.Where(layer => layer.Output?.Value == buffer.Value || layer.Inputs.Any(input => input?.Value == buffer.Value))
            .Select(layer => layer.Index)
            .ToArray();
        var (first, last) = touching.Length == 0 ? (-1, -1) : (touching.Min(), touching.Max());
        return first < 0 ? "none"
            : first == last ? CSharpText.Number(first)
            : Invariant($"{first} to {last}");
    }
}

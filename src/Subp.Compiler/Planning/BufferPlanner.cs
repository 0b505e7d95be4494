using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>Gives every value of a laid out graph its geometry: halo from its consumers, pitches and strides. Offsets come later.</summary>
internal static class BufferPlanner
{
    /// <summary>Floats in a block of channels, and the alignment of everything in the arena.</summary>
    public const int Block = 16;

    /// <summary>
    /// Planes a power of two apart share cache sets; one cache line of padding where the distance is a multiple of this many floats.
    /// </summary>
    private const int AliasingStride = 512;

    /// <summary>
    /// The buffers of all values that live in the arena, by name; conversions to dense NCHW write to the caller's output instead.
    /// </summary>
    public static IReadOnlyDictionary<string, BufferPlan> Plan(Graph graph, KernelChoices choices, StoragePlanner storages)
    {
        var buffers = new Dictionary<string, BufferPlan>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            // Parameters lie among the constants.
            if (!graph.IsOutput(node.Name) && node.Operator is not Constant)
                buffers[node.Name] =
                    node.Type.Quantization is not null ? ByteLayout.Buffer(node)
                    : node.Layout == Layout.Dense ? DenseLayout.Buffer(node)
                    : node.Layout == Layout.Stripes16 ? StripeLayout.Buffer(node)
                    : Create(
                        node,
                        storages
                            .Tenants(node.Name)
                            .Select(tenant => HaloOf(graph, choices, tenant))
                            .Aggregate((left, right) => left.Union(right))
                    );
        }

        // What lies in a larger value has its images as far apart as those are.
        foreach (var node in graph.Nodes)
        {
            if (
                buffers.TryGetValue(node.Name, out var buffer)
                && storages.PlaceOf(node.Name).Owner is var owner
                && owner != node.Name
                && !buffer.IsOnePiece
            )
                buffers[node.Name] = buffer with { BatchStride = buffers[owner].BatchStride };
        }

        return buffers;
    }

    /// <summary>
    /// The zero rows and columns that the kernels reading a value expect around it.
    /// </summary>
    public static Halo HaloOf(Graph graph, KernelChoices choices, string value)
    {
        var halo = Halo.None;
        foreach (var consumer in graph.ConsumersOf(value))
        {
            for (var operand = 0; operand < consumer.Inputs.Count; operand++)
            {
                if (consumer.Inputs[operand] == value)
                    halo = halo.Union(choices.Of(consumer).HaloOf(operand));
            }
        }

        return halo;
    }

    private static BufferPlan Create(GraphNode node, Halo halo)
    {
        var shape = node.Shape;
        if (!shape.IsImage)
        {
            var features = RoundUp(shape.ElementCount / shape[0]);
            return new BufferPlan
            {
                Value = node.Name,
                Shape = shape,
                Layout = node.Layout,
                Halo = Halo.None,
                PixelStride = 1,
                RowPitch = 1,
                PlaneStride = 1,
                BatchStride = features,
                Length = checked(features * shape[0]),
            };
        }

        var interleaved = node.Layout == Layout.Blocked16 ? Block : 1;
        var pixelStride = interleaved;
        var rowPitch = checked((shape.Width + halo.Left + halo.Right) * pixelStride);
        var plane = RoundUp(checked((shape.Height + halo.Top + halo.Bottom) * rowPitch));
        if (plane % AliasingStride == 0)
            plane += Block;
        var planes = (shape.Channels + interleaved - 1) / interleaved;
        var batchStride = checked(plane * planes);
        return new BufferPlan
        {
            Value = node.Name,
            Shape = shape,
            Layout = node.Layout,
            Halo = halo,
            InterleavedChannels = interleaved,
            PixelStride = pixelStride,
            RowPitch = rowPitch,
            PlaneStride = plane,
            BatchStride = batchStride,
            Length = checked(batchStride * shape.Batch),
        };
    }

    /// <summary>The next multiple of a block.</summary>
    public static int RoundUp(int length) => checked(length + Block - 1) / Block * Block;
}

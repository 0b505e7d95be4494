using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>
/// Runs a plan over an arena that holds, instead of numbers, the name of the value that was written last at each place. A step must find
/// its operands as they were written, and may write over one of them only where it reads and writes element by element.
/// </summary>
internal static class ArenaSimulation
{
    /// <summary>Fails where a step reads what another value was written over.</summary>
    public static void Check(ModelPlan plan)
    {
        var buffers = plan.Buffers.ToDictionary(buffer => buffer.Value, StringComparer.Ordinal);
        var steps = plan.Layers.Select(layer => layer.Node.Name).ToHashSet(StringComparer.Ordinal);
        var contents = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var arena = new string?[plan.ArenaLength / 16];
        foreach (var node in plan.Graph.Nodes)
        {
            var mine = contents[node.Name] = [node.Name];
            // A value without a step is made of what it was made from.
            if (!steps.Contains(node.Name))
                mine.UnionWith(node.Inputs.SelectMany(input => contents.GetValueOrDefault(input) ?? []));
            var operands = node.Inputs.Where(buffers.ContainsKey).Select(input => buffers[input]).ToArray();
            foreach (var operand in operands)
                Assert.All(
                    Places(operand),
                    place =>
                        Assert.True(
                            arena[place] is { } there && contents[operand.Value].Contains(there),
                            $"'{node.Name}' reads '{operand.Value}' and finds '{arena[place]}'."
                        )
                );
            if (!steps.Contains(node.Name) || !buffers.TryGetValue(node.Name, out var output))
                continue;
            foreach (var (index, operand) in operands.Index())
            {
                var overlaps = Places(operand).Intersect(Places(output)).Any();
                var mayWriteOver =
                    operand.Offset == output.Offset
                    && node.Operator is Add or Mul or Activate or BatchNorm or Conv2d
                    && (node.Operator is not Conv2d || index == 1);
                Assert.True(!overlaps || mayWriteOver, $"'{node.Name}' writes over its operand '{operand.Value}'.");
            }

            foreach (var place in Places(output))
                arena[place] = node.Name;
        }
    }

    /// <summary>The cache lines of a value.</summary>
    private static IEnumerable<int> Places(BufferPlan buffer)
    {
        var planes =
            !buffer.Shape.IsImage || buffer.Layout == Layout.Stripes16 ? 1
            : buffer.Layout == Layout.Blocked16 ? buffer.ChannelBlocks
            : buffer.Shape.Channels;
        var length = buffer.Shape.IsImage && buffer.Layout != Layout.Stripes16 ? buffer.PlaneStride : buffer.BatchStride;
        for (var image = 0; image < buffer.Shape.Batch; image++)
        {
            for (var plane = 0; plane < planes; plane++)
            {
                var first = buffer.Offset + (image * buffer.BatchStride) + (plane * buffer.PlaneStride);
                for (var place = first / 16; place < (first + length) / 16; place++)
                    yield return place;
            }
        }
    }
}

namespace Subp.Compiler.Planning.Scheduling;

/// <summary>
/// Finds the layers after which threads need not meet: since the last meeting no thread has touched what another one touches next, one of
/// them writing. What is compared is memory, not values: values share the arena, and a thread that is a layer behind may still read what
/// lay there before.
/// </summary>
internal static class BarrierPlanner
{
    /// <summary>Floats of a line: everything in the arena starts at a multiple of it, and planes of blocks are whole lines.</summary>
    private const int LineFloats = BufferPlanner.Block;

    /// <summary>Per layer, whether all threads meet behind it. Behind the last none do: a run ends when all threads have.</summary>
    public static IReadOnlyList<bool> Plan(IReadOnlyList<LayerPlan> layers, IReadOnlyList<IReadOnlyList<IReadOnlyList<WorkRange>>> work)
    {
        var barriers = new bool[layers.Count];
        if (layers.Count == 0 || work[0].Count == 1)
            return barriers;
        var lines =
            (
                layers.SelectMany(layer => layer.Inputs.Append(layer.Output)).Max(buffer => buffer is null ? 0 : SpanList.End(buffer))
                + LineFloats
                - 1
            ) / LineFloats;
        var (writers, readers) = (new Touches(lines), new Touches(lines));
        for (var layer = 0; layer < layers.Count; layer++)
        {
            var footprints = work[layer].Select(ranges => LayerFootprint.Of(layers[layer], ranges)).ToArray();
            if (
                Enumerable
                    .Range(0, footprints.Length)
                    .Any(thread =>
                        footprints[thread].Reads.Any(span => writers.IsTouchedByOthers(span, thread))
                        || footprints[thread]
                            .Writes.Any(span => writers.IsTouchedByOthers(span, thread) || readers.IsTouchedByOthers(span, thread))
                    )
            )
            {
                // The first layer has nothing before it, so that it never gets here.
                barriers[layer - 1] = true;
                writers.Forget();
                readers.Forget();
            }

            for (var thread = 0; thread < footprints.Length; thread++)
            {
                foreach (var span in footprints[thread].Reads)
                    readers.Add(span, thread);
                foreach (var span in footprints[thread].Writes)
                    writers.Add(span, thread);
            }
        }

        return barriers;
    }

    /// <summary>Which thread has touched each line of the arena since the last meeting.</summary>
    private sealed class Touches(int lines)
    {
        private const int Several = 0xFFFF;

        // The meetings so far in the upper half, the thread plus one in the lower: entries of before the last meeting count as none.
        private readonly uint[] _entries = new uint[lines];
        private uint _epoch = 1 << 16;

        public void Forget() => _epoch += 1 << 16;

        public bool IsTouchedByOthers(ArenaSpan span, int thread)
        {
            var mine = _epoch | (uint)(thread + 1);
            for (var line = span.From / LineFloats; line < (span.To + LineFloats - 1) / LineFloats; line++)
            {
                if (_entries[line] > _epoch && _entries[line] != mine)
                    return true;
            }

            return false;
        }

        public void Add(ArenaSpan span, int thread)
        {
            var mine = _epoch | (uint)(thread + 1);
            for (var line = span.From / LineFloats; line < (span.To + LineFloats - 1) / LineFloats; line++)
                _entries[line] = _entries[line] > _epoch && _entries[line] != mine ? _epoch | Several : mine;
        }
    }
}

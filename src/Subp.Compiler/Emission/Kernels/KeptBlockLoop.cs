namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The loop over the kept blocks of a group, whose input channels come from a table. Where every multiply-add of a block reads memory
/// through the block's address, the core would wait for the table first, so the address of the next block is looked up before the
/// multiply-adds of this one: on Zen 5 that is 90 instead of 77 % of the peak. The table has an entry more than there are blocks.
/// </summary>
internal static class KeptBlockLoop
{
    /// <summary>Writes the loop; <c>pixel</c> is the block's channel of the first input pixel.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="origin">The pointer that the table's distances count from.</param>
    /// <param name="blocks">How many blocks there are, as an expression.</param>
    /// <param name="body">Writes what is done with a block.</param>
    public static void Write(CSharpWriter writer, string origin, string blocks, Action body)
    {
        writer.Line($"float* next = {origin} + offsets[0];");
        using (writer.Block($"for (int block = 1; block <= {blocks}; block++)"))
        {
            writer.Line("// The address of the block after this one, so that nothing waits for it.");
            writer.Line("float* pixel = next;");
            writer.Line($"next = {origin} + offsets[block];");
            body();
        }
    }

    /// <summary>
    /// Writes the same loop cut into stretches; <c>first</c> is the first block of a stretch.
    /// </summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="origin">The pointer that the table's distances count from.</param>
    /// <param name="blocks">How many blocks there are, as an expression.</param>
    /// <param name="stretch">The most blocks of a stretch.</param>
    /// <param name="begin">Writes what comes before the blocks of a stretch.</param>
    /// <param name="body">Writes what is done with a block.</param>
    /// <param name="end">Writes what comes after them.</param>
    public static void WriteStretches(CSharpWriter writer, string origin, string blocks, int stretch, Action begin, Action body, Action end)
    {
        writer.Line($"float* next = {origin} + offsets[0];");
        writer.Line($"// A long sum rounds more than the sum of sums over {stretch} blocks each. There is a stretch even without blocks.");
        writer.Line("int first = 0;");
        using (writer.Block("do"))
        {
            begin();
            writer.Line($"int last = System::Math.Min(first + {stretch}, {blocks});");
            using (writer.Block("for (int block = first + 1; block <= last; block++)"))
            {
                writer.Line("float* pixel = next;");
                writer.Line($"next = {origin} + offsets[block];");
                body();
            }

            writer.Line();
            end();
            writer.Line($"first += {stretch};");
        }

        writer.Line($"while (first < {blocks});");
    }
}

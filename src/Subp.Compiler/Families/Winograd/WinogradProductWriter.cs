using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>One kernel of products: layers that agree in it share the method.</summary>
/// <param name="Tiles">Tiles of a block.</param>
/// <param name="BlockLength">N.</param>
/// <param name="Ahead">Whether weights are fetched ahead of their use.</param>
/// <param name="InStretches">Whether the kept blocks are so many that they are summed by stretches.</param>
internal sealed record WinogradProducts(int Tiles, int BlockLength, bool Ahead, bool InStretches)
{
    /// <summary>
    /// Kept blocks of a stretch. The rounding of a long sum grows with its root; sums of stretches, added up, round as little as the longer of
    /// the two sums.
    /// </summary>
    public const int Stretch = 64;

    /// <summary>The name of the method.</summary>
    public string Method => Invariant($"WinogradProducts{Tiles}N{BlockLength}{Suffix}");

    /// <summary>What distinguishes methods of equal sizes.</summary>
    public string Suffix => (Ahead ? "Ahead" : "") + (InStretches ? "Stretches" : "");

    /// <summary>True where the rounding of sums over so many blocks would be the larger part of that of the layer.</summary>
    public static bool NeedsStretches(BlockPattern pattern) =>
        Enumerable.Range(0, pattern.Groups).Any(group => pattern.Kept(group).Count > 2 * Stretch);
}

/// <summary>
/// Writes the sums of products of one group at one position: tiles x N output channels over the kept input channels. The pixels of all
/// tiles are broadcast from the transformed input; a weight vector is read once and used for every tile.
/// </summary>
internal sealed class WinogradProductWriter(WinogradKernel kernel)
{
    /// <summary>
    /// How far ahead of their use weights are fetched, in floats: 8 KB, since the hardware starts anew at each page of 4 KB.
    /// </summary>
    private const int AheadFloats = 2048;

    private const int CacheLineFloats = 16;

    private readonly VectorDialect _vectors = VectorDialect.Of(kernel.Set, kernel.Unit.Lanes);

    /// <summary>The register kernels that the products of some blocks are put together from, each once.</summary>
    public IEnumerable<WinogradProducts> Registers(IEnumerable<WinogradProducts> products) =>
        products
            .SelectMany(key => kernel.Split(key.Tiles).Select(part => key with { Tiles = part.Count }))
            .Distinct()
            .OrderByDescending(key => key.Tiles)
            .ThenBy(key => key.Ahead)
            .ThenBy(key => key.InStretches);

    /// <summary>
    /// Writes the method for one block of tiles; it calls register kernels where the sums do not fit into the registers at once.
    /// </summary>
    public void Write(CSharpWriter writer, WinogradProducts products)
    {
        if (IsRegisterKernel(products))
        {
            WriteRegisters(writer, products, products.Method);
            return;
        }

        writer.Line(
            $"/// <summary>Products of {products.Tiles} tiles and one group of {products.BlockLength} output channels, as many at a "
                + "time as the registers hold.</summary>"
        );
        writer.Line(KernelText.Attribute);
        using (
            writer.Block($"private static void {products.Method}(float* pixels, int* offsets, float* weights, float* products, int blocks)")
        )
        {
            foreach (var (first, count) in kernel.Split(products.Tiles))
            {
                for (var part = 0; part < kernel.Parts; part++)
                {
                    var channel = part * kernel.Unit.Lanes * kernel.Vectors;
                    writer.Line(
                        $"{RegisterMethod(products with { Tiles = count })}({KernelText.Offset("pixels", first * 16)}, offsets, "
                            + $"{KernelText.Offset("weights", channel)}, {KernelText.Offset("products", (first * products.BlockLength) + channel)}, blocks);"
                    );
                }
            }
        }

        writer.Line();
    }

    /// <summary>Writes the register kernels that are not methods of whole blocks themselves.</summary>
    public void WriteShared(CSharpWriter writer, IReadOnlyCollection<WinogradProducts> products)
    {
        foreach (var key in Registers(products.Where(key => !IsRegisterKernel(key))))
            WriteRegisters(writer, key, RegisterMethod(key));
    }

    private bool IsRegisterKernel(WinogradProducts products) => products.Tiles <= kernel.MaximumTiles && kernel.Parts == 1;

    private string RegisterMethod(WinogradProducts key) =>
        Invariant($"WinogradSums{key.Tiles}x{kernel.Vectors}N{key.BlockLength}{key.Suffix}");

    private void WriteRegisters(CSharpWriter writer, WinogradProducts key, string name)
    {
        var sums = key.Tiles * kernel.Vectors;
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"Sums of {key.Tiles} tiles x {kernel.Vectors * kernel.Unit.Lanes} output channels over the kept input channels of "
                        + $"a group, at one position."
                ),
                $"private static void {name}(float* pixels, int* offsets, float* weights, float* products, int blocks)"
            )
        )
        {
            writer.Line(
                $"// Registers: {KernelText.Count(sums, "sum")} ({key.Tiles} tiles x {KernelText.Count(kernel.Vectors, "vector")} of "
                    + $"{kernel.Unit.Lanes} output channels), {KernelText.Count(kernel.Vectors, "vector")} of weights, 1 pixel at a time."
            );
            if (key.InStretches)
                WriteStretches(writer, key);
            else
            {
                foreach (var (tile, vector) in Sums(key))
                    writer.Line($"{_vectors.Type} {Sum(tile, vector)} = {_vectors.Zero};");
                KeptBlockLoop.Write(writer, "pixels", "blocks", () => WriteBlock(writer, key));

                writer.Line();
                foreach (var (tile, vector) in Sums(key))
                    writer.Line(_vectors.Store(Product(key, tile, vector), Sum(tile, vector)));
            }
        }

        writer.Line();
    }

    /// <summary>Sums of some blocks at a time, which are added to those before them: sums of sums round less than one long sum.</summary>
    private void WriteStretches(CSharpWriter writer, WinogradProducts key)
    {
        KeptBlockLoop.WriteStretches(
            writer,
            "pixels",
            "blocks",
            WinogradProducts.Stretch,
            () =>
            {
                foreach (var (tile, vector) in Sums(key))
                    writer.Line($"{_vectors.Type} {Sum(tile, vector)} = {_vectors.Zero};");
            },
            () => WriteBlock(writer, key),
            () =>
            {
                using (writer.Block("if (first > 0)"))
                {
                    foreach (var (tile, vector) in Sums(key))
                        writer.Line($"{Sum(tile, vector)} = {_vectors.Add(Sum(tile, vector), _vectors.Load(Product(key, tile, vector)))};");
                }

                writer.Line();
                foreach (var (tile, vector) in Sums(key))
                    writer.Line(_vectors.Store(Product(key, tile, vector), Sum(tile, vector)));
            }
        );
    }

    private string Product(WinogradProducts key, int tile, int vector) =>
        KernelText.Offset("products", (tile * key.BlockLength) + (vector * kernel.Unit.Lanes));

    /// <summary>One kept block; each line of its weights is fetched ahead, where they are.</summary>
    private void WriteBlock(CSharpWriter writer, WinogradProducts key)
    {
        for (var line = 0; line < kernel.Vectors * kernel.Unit.Lanes && FetchesAhead(key); line += CacheLineFloats)
            writer.Line($"X86::Sse.Prefetch0(weights + {AheadFloats + line});");
        for (var vector = 0; vector < kernel.Vectors; vector++)
            writer.Line(
                $"{_vectors.Type} weight{Suffix(vector)} = {_vectors.Load(KernelText.Offset("weights", vector * kernel.Unit.Lanes))};"
            );
        WriteMultiplyAdds(writer, key);
        writer.Line($"weights += {key.BlockLength};");
    }

    private bool FetchesAhead(WinogradProducts key) => key.Ahead && kernel.Set != InstructionSet.Portable;

    private void WriteMultiplyAdds(CSharpWriter writer, WinogradProducts key)
    {
        for (var tile = 0; tile < key.Tiles; tile++)
        {
            var pixel = _vectors.Broadcast(KernelText.Offset("pixel", tile * 16));
            if (kernel.Vectors > 1)
            {
                writer.Line($"{(tile == 0 ? _vectors.Type + " " : "")}value = {pixel};");
                pixel = "value";
            }

            for (var vector = 0; vector < kernel.Vectors; vector++)
                writer.Line($"{Sum(tile, vector)} = {_vectors.MultiplyAdd(pixel, "weight" + Suffix(vector), Sum(tile, vector))};");
        }
    }

    private IEnumerable<(int Tile, int Vector)> Sums(WinogradProducts key) =>
        from tile in Enumerable.Range(0, key.Tiles)
        from vector in Enumerable.Range(0, kernel.Vectors)
        select (tile, vector);

    private static string Sum(int tile, int vector) => Invariant($"sum{tile}{Suffix(vector)}");

    private static string Suffix(int vector) => vector == 0 ? "" : "High";
}

namespace Subp.Compiler.Planning.Costs;

/// <summary>What the cost model knows of a processor core. All of it is data; another machine is another object.</summary>
public sealed record MachineDescription
{
    private static readonly string[] s_shipped = ["zen5", "zen4", "cascade-lake"];

    private static readonly Lazy<IReadOnlyList<MachineDescription>> s_known = new(() => [.. s_shipped.Select(ReadShipped)]);

    /// <summary>The machines whose descriptions are shipped, the standard one first.</summary>
    public static IReadOnlyList<MachineDescription> Known => s_known.Value;

    /// <summary>The machine whose costs the planner uses where nobody names another.</summary>
    public static MachineDescription Standard => Known[0];

    /// <summary>True for the description whose choices were measured most; others leave to it what they cannot tell apart.</summary>
    internal bool IsStandard => ReferenceEquals(Cycles, Standard.Cycles);

    /// <summary>The shipped description of a name, or null.</summary>
    public static MachineDescription? Find(string name) => Known.FirstOrDefault(machine => machine.Name == name);

    /// <summary>The name, for options and reports.</summary>
    public required string Name { get; init; }

    /// <summary>What was measured, in a sentence.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Vector multiply-adds that start in a cycle, with each instruction set. Processors that cut long vectors in two start half as many of
    /// them. <see cref="Cycles"/> are those of the first set here.
    /// </summary>
    public required IReadOnlyDictionary<InstructionSet, double> MultiplyAddsPerCycle { get; init; }

    /// <summary>Bytes of the first-level data cache.</summary>
    public required int FirstLevelBytes { get; init; }

    /// <summary>Bytes of the second-level cache of a core.</summary>
    public required int SecondLevelBytes { get; init; }

    /// <summary>Bytes of the last cache before memory, which the weights of a network share.</summary>
    public required int ThirdLevelBytes { get; init; }

    /// <summary>
    /// Bytes of all weights of the network whose layers are costed: whether they stay in the last cache from one run to the next. 0 where
    /// there is no network.
    /// </summary>
    internal long NetworkWeightBytes { get; init; }

    /// <summary>Cycles of each kind of work, fitted to measured layers.</summary>
    public required IReadOnlyDictionary<string, double> Cycles { get; init; }

    /// <summary>
    /// The same for networks of bytes whose weights have 7 bits: plans do not know the weights, and count all products as those of 8 bits.
    /// </summary>
    public MachineDescription WithNarrowWeights()
    {
        var cycles = Cycles.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        cycles["byte.product"] = cycles["byte.narrow"];
        return this with { Cycles = cycles };
    }

    /// <summary>The cycles of one piece of work.</summary>
    /// <exception cref="InvalidOperationException">The kind of work is not known.</exception>
    public double CyclesOf(string kind) =>
        Cycles.TryGetValue(kind, out var cycles)
            ? cycles
            : throw new InvalidOperationException($"The machine '{Name}' has no cycles for '{kind}'.");

    /// <summary>Cycles of a second at a multiply-add peak.</summary>
    /// <param name="peakGigaflops">The peak of one thread in GFLOP/s; a multiply-add counts two.</param>
    /// <param name="set">The instruction set with which it is reached.</param>
    public double Gigahertz(double peakGigaflops, InstructionSet set) => peakGigaflops / (2 * MultiplyAddsPerCycle[set] * Lanes(set));

    /// <summary>
    /// How much longer a kernel that is bound by vector instructions takes than <see cref="Cycles"/> say, which were measured with another
    /// instruction set.
    /// </summary>
    internal double VectorScale(InstructionSet set) => MultiplyAddsPerCycle[Measured] / MultiplyAddsPerCycle[set];

    private InstructionSet Measured => MultiplyAddsPerCycle.Keys.Min();

    /// <summary>The kind of work that a line of weights is on its first use in a run.</summary>
    /// <param name="bytes">The weights of the layer as its kernel reads them.</param>
    /// <param name="storedBytes">The same as they lie in the file, which <see cref="NetworkWeightBytes"/> counts.</param>
    internal string FirstUse(double bytes, double storedBytes) =>
        Math.Max(bytes, NetworkWeightBytes - storedBytes + bytes) <= 0.75 * ThirdLevelBytes ? "weight.cold" : "weight.memory";

    /// <summary>
    /// The level that holds data of some bytes until it is used again. Other data passes through as well, so a level holds three quarters
    /// of its size.
    /// </summary>
    public CacheLevel LevelOf(double bytes) =>
        bytes <= 0.75 * FirstLevelBytes ? CacheLevel.First
        : bytes <= 0.75 * SecondLevelBytes ? CacheLevel.Second
        : CacheLevel.Far;

    /// <summary>Floats in the longest vector of an instruction set.</summary>
    public static int Lanes(InstructionSet set) =>
        set switch
        {
            InstructionSet.Avx512 => 16,
            InstructionSet.Avx2 => 8,
            _ => 4,
        };

    private static MachineDescription ReadShipped(string name)
    {
        var resource = $"Subp.Compiler.Machines.{name}.json";
        using var stream = typeof(MachineDescription).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return MachineFile.Parse(reader.ReadToEnd(), resource);
    }
}

namespace Subp.Compiler.Planning.Costs;

/// <summary>What the cost model knows of a processor core. All of it is data; another machine is another object.</summary>
public sealed record MachineDescription
{
    /// <summary>The machine whose costs the planner uses.</summary>
    public static MachineDescription Standard => CascadeLake.Description;

    /// <summary>The name, for reports.</summary>
    public required string Name { get; init; }

    /// <summary>Vector multiply-adds that start in a cycle.</summary>
    public required double MultiplyAddsPerCycle { get; init; }

    /// <summary>Bytes of the first-level data cache.</summary>
    public required int FirstLevelBytes { get; init; }

    /// <summary>Bytes of the second-level cache of a core.</summary>
    public required int SecondLevelBytes { get; init; }

    /// <summary>Cycles of each kind of work, fitted to measured layers; a kind that is not in the table costs nothing.</summary>
    public required IReadOnlyDictionary<string, double> Cycles { get; init; }

    /// <summary>Cycles of a second at a multiply-add peak.</summary>
    /// <param name="peakGigaflops">The peak of one thread in GFLOP/s; a multiply-add counts two.</param>
    /// <param name="set">The instruction set with which it is reached.</param>
    public double Gigahertz(double peakGigaflops, InstructionSet set) => peakGigaflops / (2 * MultiplyAddsPerCycle * Lanes(set));

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
}

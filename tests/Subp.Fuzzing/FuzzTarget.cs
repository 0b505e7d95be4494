using Subp.Core.Diagnostics;

namespace Subp.Fuzzing;

/// <summary>A reader that must answer whatever it is given with a value or a diagnostic.</summary>
public abstract class FuzzTarget
{
    /// <summary>The name, for the summary and for repeating one mutation.</summary>
    public abstract string Name { get; }

    /// <summary>Valid files, from which mutations start.</summary>
    public abstract IReadOnlyList<byte[]> Samples { get; }

    /// <summary>A changed file. The same state of <paramref name="random"/> gives the same bytes.</summary>
    /// <param name="sample">One of <see cref="Samples"/>; not changed.</param>
    /// <param name="random">The only source of chance.</param>
    public abstract byte[] Mutate(byte[] sample, Random random);

    /// <summary>What a read may allocate besides <see cref="FuzzRun.LargestMultiple"/> times its file, in bytes.</summary>
    public virtual long AlwaysAllowed => FuzzRun.AlwaysAllowed;

    /// <summary>Reads a file. What it allocates is measured.</summary>
    /// <exception cref="SubpException">The file is not valid.</exception>
    public abstract object Read(byte[] bytes);

    /// <summary>Checks that what was read is right, beyond what the reader itself promises.</summary>
    /// <exception cref="SubpException">A later stage finds the file invalid, which is an answer as well.</exception>
    /// <exception cref="InvalidDataException">What was read is wrong.</exception>
    public abstract void Check(object result);
}

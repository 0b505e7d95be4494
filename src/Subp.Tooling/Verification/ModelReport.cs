using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Tooling.Verification.Steps;

namespace Subp.Tooling.Verification;

/// <summary>What became of one model of a folder; figures that were not reached are null.</summary>
internal sealed record ModelReport(string Model)
{
    /// <summary>The nodes of the packed network.</summary>
    public int? Nodes { get; init; }

    /// <summary>The numbers of all parameters as if dense.</summary>
    public long? Parameters { get; init; }

    /// <summary>The share of the weights of convolutions and linear layers of the file that is kept; null where it has none.</summary>
    public double? KeptShare { get; init; }

    /// <summary>The share of the multiply-accumulates of the file that is kept; null where it has none.</summary>
    public double? MacsShare { get; init; }

    /// <summary>Seconds from the file to the assembly: reading, packing, pruning, planning, emission and the C# compiler.</summary>
    public double? CompileSeconds { get; init; }

    /// <summary>The most bytes in physical memory in that time.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>The bytes of the assembly, weights included.</summary>
    public long? AssemblyBytes { get; init; }

    /// <summary>
    /// How far the exported network, not pruned, is from the file itself when ONNX Runtime runs both: what import, folding and export do to
    /// it.
    /// </summary>
    public double? ImportError { get; init; }

    /// <summary>The compiled network against the reference, for each instruction set and thread count.</summary>
    public IReadOnlyList<SessionVerdict> Sessions { get; init; } = [];

    /// <summary>Of a network of bytes: how its bytes compare with those of ONNX Runtime.</summary>
    public StepReport? Steps { get; init; }

    /// <summary>What went wrong, in order.</summary>
    public IReadOnlyList<Diagnostic> Failures { get; init; } = [];

    /// <summary>True where nothing went wrong.</summary>
    public bool Passed => Failures.Count == 0;

    /// <summary>The error of one session, or null where it was not reached.</summary>
    public double? Error(InstructionSet set, int threads) =>
        Sessions.FirstOrDefault(session => session.InstructionSet == set && session.Threads == threads)?.MaximumError;
}

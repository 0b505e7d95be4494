using Subp.Benchmarks.Peers.Contenders;
using Subp.Tooling.Benchmarking;

namespace Subp.Benchmarks.Peers.Layers;

/// <summary>A contender that is still to be prepared.</summary>
/// <param name="Name">What to call it where it cannot be prepared.</param>
/// <param name="Kind">What it stands for in the summary.</param>
/// <param name="Create">Prepares it.</param>
internal sealed record Candidate(string Name, ContenderKind Kind, Func<IContender> Create);

/// <summary>What a contender stands for in the summary of a layer.</summary>
internal enum ContenderKind
{
    /// <summary>This repository, on the kernels that the planner chooses.</summary>
    Own,

    /// <summary>This repository, without use of the zeros.</summary>
    OwnDense,

    /// <summary>A library that multiplies zeros.</summary>
    DensePeer,

    /// <summary>A library that skips zeros.</summary>
    SparsePeer,
}

/// <summary>What became of one contender.</summary>
/// <param name="Name">The library.</param>
/// <param name="Kind">What it stands for in the summary.</param>
/// <param name="Remark">What there is to say, or why there are no times.</param>
/// <param name="Warm">The time with weights as the run before left them; null without times.</param>
/// <param name="Cold">The time after a <see cref="Measuring.CacheSweep"/>; null without times.</param>
/// <param name="Difference">The largest difference to the reference interpreter, relative to the largest output; negative where there was
/// no output.</param>
internal sealed record ContenderAnswer(string Name, ContenderKind Kind, string Remark, Timing? Warm, Timing? Cold, double Difference);

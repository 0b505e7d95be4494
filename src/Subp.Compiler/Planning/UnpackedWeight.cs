using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>
/// A weight of few bits that a kernel reads in its stored order: unpacked when weights are loaded, and otherwise as it would lie in the
/// file.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Weight">The weight.</param>
internal sealed record UnpackedWeight(int Offset, int Length, Parameter Weight) : PreparedConstant(Offset, Length);

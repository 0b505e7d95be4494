using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning;

/// <summary>Which inputs a convolution kernel mixes in one output: more than those under the taps.</summary>
/// <param name="Window">The window that is read.</param>
/// <param name="Pattern">The channels that a group of outputs reads.</param>
/// <param name="Tile">Rows and columns of the outputs that are computed together.</param>
internal readonly record struct ValueMixing(Window Window, BlockPattern Pattern, int Tile)
{
    /// <summary>The window of a maximum pooling that the kernel does as well, and the shape of what is pooled; null for none.</summary>
    public (Window Window, TensorShape Shape)? Pooled { get; init; }
}

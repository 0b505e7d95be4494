using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning;

/// <summary>Which inputs a convolution kernel mixes in one output: more than those under the taps.</summary>
/// <param name="Window">The window that is read.</param>
/// <param name="Pattern">The channels that a group of outputs reads.</param>
/// <param name="Tile">Rows and columns of the outputs that are computed together.</param>
internal readonly record struct ValueMixing(Window Window, BlockPattern Pattern, int Tile);

namespace Subp.Compiler.Planning;

/// <summary>
/// A constant that the emitted model computes once, when its weights are loaded, into one block of aligned memory ("constants"): biases
/// padded to whole vectors and weights that no kernel can read as they lie in the file. Sources are parameters of the graph.
/// </summary>
/// <param name="Offset">Start in the constants, in floats, a multiple of 16.</param>
/// <param name="Length">Length in floats, a multiple of 16; what the source does not fill is zero.</param>
public abstract record PreparedConstant(int Offset, int Length);

namespace Subp.Compiler.Planning.Layouts;

/// <summary>What a family of kernels offers for a node in another layout than the usual one.</summary>
/// <param name="Cycles">The predicted cycles on one thread with the first instruction set, without conversions of layouts.</param>
/// <param name="IsAskedFor">True where a hint asks for it.</param>
internal readonly record struct LayoutOffer(double Cycles, bool IsAskedFor);

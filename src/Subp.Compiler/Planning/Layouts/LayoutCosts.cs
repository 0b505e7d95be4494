namespace Subp.Compiler.Planning.Layouts;

/// <summary>What a layer was predicted to cost in both layouts when these were chosen, without conversions.</summary>
/// <param name="Blocks">Cycles on one thread with operands and result in blocks of 16 channels.</param>
/// <param name="Stripes">The same with stripes of 16 pixels.</param>
internal readonly record struct LayoutCosts(double Blocks, double Stripes);

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.Winograd;

/// <summary>Writes the methods that the layers in the Winograd domain share: transforms and sums of products.</summary>
internal static class WinogradFile
{
    /// <summary>The file <c>{Class}.Winograd.{instruction set}.cs</c>.</summary>
    public static KernelFile Write(ModelPlan plan, WinogradParts parts, InstructionSet set) =>
        KernelFile.Write(
            plan,
            "Winograd",
            set,
            writer =>
                writer.Line(
                    """
                    // A convolution of r x r taps (r = 3, or 4 for the phases of a stem) in the Winograd domain works on tiles of m x m
                    // output pixels (m = 4 or 2), each from m + r - 1 x m + r - 1 input pixels. Input tiles are transformed, multiplied by
                    // transformed weights at each of as many positions, and the sums are transformed back. A kept block of the weights is a
                    // whole kernel, so its position in the pattern is the same at every position of the tile.

                    """
                ),
            writer => WriteMethods(writer, parts, set)
        );

    private static void WriteMethods(CSharpWriter writer, WinogradParts parts, InstructionSet set)
    {
        foreach (var transform in parts.Transforms)
            new WinogradInputWriter(VectorDialect.Longest(set), transform).Write(writer);
        foreach (var group in parts.Products(set))
        {
            var products = new WinogradProductWriter(group.Key);
            foreach (var key in group)
                products.Write(writer, key);
            products.WriteShared(writer, [.. group]);
        }

        foreach (var epilogue in parts.Epilogues(set))
            new WinogradOutputWriter(VectorDialect.Of(set, epilogue.Lanes), epilogue, parts.Suffix(epilogue, set)).Write(writer);
        foreach (var epilogue in parts.EdgeEpilogues(set))
            new WinogradOutputWriter(VectorDialect.Of(set, epilogue.Lanes), epilogue, parts.Suffix(epilogue, set)).WriteEdge(writer);
    }
}

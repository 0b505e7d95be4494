using Subp.Compiler.Emission;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>Writes the functions that all depthwise layers of bytes share.</summary>
internal static class DepthwiseQuadsFile
{
    /// <summary>The name of the method that adds four products to each sum.</summary>
    public const string AddQuads = "AddQuads";

    /// <summary>The name of the method that reads eight numbers in the order of sums.</summary>
    public const string LoadApart = "LoadApart";

    /// <summary>The file of an instruction set, or null where no layer needs it.</summary>
    public static KernelFile? Write(ModelPlan model, InstructionSet set) =>
        model.Layers.OfType<IntegerDepthwisePlan>().Any(layer => layer.HasQuads(set))
            ? KernelFile.Write(model, "DepthwiseQuads", set, _ => { }, writer => writer.Line(Text))
            : null;

    private const string Text = """
        /// <summary>Adds to each sum the four products of the bytes of its lane and of four weights.</summary>
        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector256<int> AddQuads(Simd::Vector256<int> sums, Simd::Vector256<short> quads, sbyte* weights)
        {
            if (X86::AvxVnni.IsSupported)
                return X86::AvxVnni.MultiplyWideningAndAdd(sums, Simd::Vector256.AsByte(quads), *(Simd::Vector256<sbyte>*)weights);

            // The first and third of each four as 16 bits, then the second and last.
            Simd::Vector256<short> even = quads & Simd::Vector256.Create((short)255);
            Simd::Vector256<short> odd = Simd::Vector256.ShiftRightLogical(quads, 8);
            sums = X86::Avx2.Add(sums, X86::Avx2.MultiplyAddAdjacent(even, *(Simd::Vector256<short>*)(weights + 32)));
            return X86::Avx2.Add(sums, X86::Avx2.MultiplyAddAdjacent(odd, *(Simd::Vector256<short>*)(weights + 64)));
        }

        /// <summary>Four numbers, and the four that begin sixteen numbers behind them.</summary>
        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector256<int> LoadApart(int* first) =>
            Simd::Vector256.Create(*(Simd::Vector128<int>*)first, *(Simd::Vector128<int>*)(first + 16));
        """;
}

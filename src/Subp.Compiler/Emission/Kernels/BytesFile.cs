using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes the functions that kernels of bytes share: 32-bit integers from 0 to 255 as bytes.</summary>
internal static class BytesFile
{
    /// <summary>The file <c>{Class}.Bytes.cs</c>, or null where no layer touches bytes.</summary>
    public static EmittedFile? Write(ModelPlan plan) =>
        !plan.IsQuantized
            ? null
            : ModelFileScope.Write(
                plan,
                ".Bytes",
                _ => { },
                writer =>
                {
                    writer.Line(
                        """
                        // Integers from 0 to 255 as bytes. The packs of AVX2 work in halves of 128 bits, which are put in order between them.
                        """
                    );
                    if (plan.Options.InstructionSets.Contains(InstructionSet.Avx512))
                        writer.Line(OfSixteen);
                    if (plan.Options.InstructionSets.Any(set => set != InstructionSet.Portable))
                        writer.Line(OfEight);
                    writer.Line(OfFour);
                }
            );

    private const string OfSixteen = """
        // AMD's processors compute 256 and 512 bits side by side. On Intel's, an instruction of 512 bits that waits closes one of the two
        // units that multiply 256 bits, so that dot products stay among themselves there. The vendor's name ends in "cAMD".
        private static readonly bool MixesWidths = X86::X86Base.IsSupported && X86::X86Base.CpuId(0, 0).Ecx == 0x444D4163;

        // Vector512.Create of two halves inserts both of them, the first into memory of the stack.
        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector512<int> JoinHalves(Simd::Vector256<int> lower, Simd::Vector256<int> upper) =>
            Simd::Vector512.WithUpper(Simd::Vector256.ToVector512Unsafe(lower), upper);

        // Four vectors of any integers, those outside of 0 to 255 as the nearer end; the bytes of each are side by side.
        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector512<byte> PackBytes(
            Simd::Vector512<int> first, Simd::Vector512<int> second, Simd::Vector512<int> third, Simd::Vector512<int> last)
        {
            Simd::Vector512<byte> lanes = X86::Avx512BW.PackUnsignedSaturate(
                X86::Avx512BW.PackSignedSaturate(first, second), X86::Avx512BW.PackSignedSaturate(third, last));
            return Simd::Vector512.AsByte(X86::Avx512F.PermuteVar16x32(
                Simd::Vector512.AsInt32(lanes), Simd::Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
        }

        """;

    private const string OfEight = """
        // Four vectors of any integers, those outside of 0 to 255 as the nearer end; the bytes of each are side by side.
        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector256<byte> PackBytes(
            Simd::Vector256<int> first, Simd::Vector256<int> second, Simd::Vector256<int> third, Simd::Vector256<int> last)
        {
            Simd::Vector256<byte> lanes = X86::Avx2.PackUnsignedSaturate(
                X86::Avx2.PackSignedSaturate(first, second), X86::Avx2.PackSignedSaturate(third, last));
            return Simd::Vector256.AsByte(X86::Avx2.PermuteVar8x32(
                Simd::Vector256.AsInt32(lanes), Simd::Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)));
        }

        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static ulong PackBytes(Simd::Vector256<int> integers)
        {
            Simd::Vector256<long> pairs = Simd::Vector256.AsInt64(X86::Avx2.PackSignedSaturate(integers, integers));
            Simd::Vector128<short> words = Simd::Vector256.GetLower(Simd::Vector256.AsInt16(X86::Avx2.Permute4x64(pairs, 0b11_01_10_00)));
            return Simd::Vector128.ToScalar(Simd::Vector128.AsUInt64(X86::Sse2.PackUnsignedSaturate(words, words)));
        }

        """;

    private const string OfFour = """
        // The byte of so many steps. A NaN fails both comparisons and becomes the least.
        private static byte QuantizedByte(float steps, int zeroPoint)
        {
            float most = 255 - zeroPoint;
            float least = -zeroPoint;
            return (byte)((int)System::MathF.Round(steps > most ? most : steps > least ? steps : least) + zeroPoint);
        }

        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static Simd::Vector128<byte> PackBytes(
            Simd::Vector128<int> first, Simd::Vector128<int> second, Simd::Vector128<int> third, Simd::Vector128<int> last) =>
            Simd::Vector128.Narrow(
                Simd::Vector128.AsUInt16(Simd::Vector128.Narrow(first, second)), Simd::Vector128.AsUInt16(Simd::Vector128.Narrow(third, last)));

        [Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]
        private static uint PackBytes(Simd::Vector128<int> integers) =>
            Simd::Vector128.ToScalar(Simd::Vector128.AsUInt32(PackBytes(integers, integers, integers, integers)));
        """;
}

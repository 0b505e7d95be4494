using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>The emitted methods that transform weights for the Winograd domain when they are loaded.</summary>
internal static class WinogradWeightsWriter
{
    /// <summary>The methods for weights of a transform that are stored in blocks or dense.</summary>
    public static IReadOnlyList<string> Methods(WinogradTransform transform, bool isBlocked) =>
        transform.KernelSize == 3
            ? [Matrix(transform), isBlocked ? Blocks : Dense(3), Kernel(3), Widen]
            : [Matrix(transform), Phases, Dense(4), Kernel(4), Widen];

    /// <summary>The name of the matrix that transforms the taps of a kernel.</summary>
    public static string MatrixOf(WinogradTransform transform) => "KernelMatrix" + transform.Name;

    private static string Matrix(WinogradTransform transform)
    {
        var (size, taps, rows) = (transform.OutputSize, transform.KernelSize, transform.KernelMatrix);
        var lines = Enumerable
            .Range(0, transform.InputSize)
            .Select(row =>
                "    " + string.Join(", ", Enumerable.Range(0, taps).Select(column => Fraction(rows[(row * taps) + column]))) + ","
            );
        return Invariant(
            $"""
            // G of F({size}x{size},{taps}x{taps}): transforms the {(taps == 3 ? "three" : "four")} taps of a row or column of a kernel.
            private static System::ReadOnlySpan<double> {MatrixOf(transform)} =>
            [
            {string.Join("\n", lines)}
            ];

            """
        );
    }

    /// <summary>The elements of G are fractions of small numbers.</summary>
    private static string Fraction(double value)
    {
        const int largest = 2975;
        var denominator = Enumerable.Range(1, largest).First(number => Math.Abs(Math.Round(value * number) - (value * number)) < 1e-9);
        var numerator = Math.Round(value * denominator);
        return denominator == 1 ? Invariant($"{numerator}") : Invariant($"{numerator} / {denominator}.0");
    }

    private const string Blocks = """
        // Block-sparse 3x3 weights [group][kept block][9][N] to [chunk][position][group of the chunk][kept block][N].
        private static void TransformBlocks(
            float* source, float* target, System::ReadOnlySpan<double> matrix, System::ReadOnlySpan<int> kept, int blockLength, int chunkGroups)
        {
            int size = matrix.Length / 3;
            for (int group = 0; group < kept.Length; group += chunkGroups)
            {
                int blocks = 0;
                for (int next = group; next < System::Math.Min(group + chunkGroups, kept.Length); next++)
                    blocks += kept[next];
                for (int block = 0; block < blocks; block++, source += 9 * blockLength)
                    TransformKernels(source, target + block * blockLength, matrix, blockLength, (long)blocks * blockLength);
                target += (long)blocks * blockLength * size * size;
            }
        }

        """;

    private static string Dense(int taps) =>
        Invariant(
            $$"""
            // Dense {{taps}}x{{taps}} weights [out][in][{{taps
                * taps}}] to [chunk][position][group of outputs of the chunk][in][lanes]. The lanes beyond the outputs stay
            // zero.
            private static void TransformDense{{Suffix(taps)}}(
                float* source, float* target, System::ReadOnlySpan<double> matrix, int outputs, int inputs, int chunkGroups, int lanes)
            {
                int size = matrix.Length / {{taps}};
                float* taps = stackalloc float[{{taps * taps}} * lanes];
                for (int first = 0; first < outputs; first += chunkGroups * lanes)
                {
                    int last = System::Math.Min(first + chunkGroups * lanes, outputs);
                    int blocks = (last - first + lanes - 1) / lanes * inputs;
                    float* block = target;
                    for (int group = first; group < last; group += lanes)
                    {
                        int filled = System::Math.Min(lanes, outputs - group);
                        new System::Span<float>(taps, {{taps * taps}} * lanes).Clear();
                        for (int input = 0; input < inputs; input++, block += lanes)
                        {
                            for (int lane = 0; lane < filled; lane++)
                            {
                                for (int tap = 0; tap < {{taps * taps}}; tap++)
                                    taps[tap * lanes + lane] = source[((long)(group + lane) * inputs + input) * {{taps * taps}} + tap];
                            }

                            TransformKernels{{Suffix(taps)}}(taps, block, matrix, lanes, (long)blocks * lanes);
                        }
                    }

                    target += (long)blocks * lanes * size * size;
                }
            }

            """
        );

    private const string Phases = """
        // Dense weights [out][in][kernel * kernel] of stride 2, kernel 7 or 8, by phases: tap 2 i + p, 2 j + q of channel c becomes tap i, j of
        // channel 4 c + 2 p + q; the eighth tap of a kernel of seven is zero.
        private static void TransformPhases(
            float* source, float* target, System::ReadOnlySpan<double> matrix, int outputs, int inputs, int kernel, int chunkGroups, int lanes)
        {
            float[] taps = new float[outputs * inputs * 64];
            for (int plane = 0; plane < outputs * inputs; plane++)
            {
                for (int row = 0; row < kernel; row++)
                {
                    for (int column = 0; column < kernel; column++)
                    {
                        int phase = row % 2 * 2 + column % 2;
                        taps[((plane * 4 + phase) * 4 + row / 2) * 4 + column / 2] = source[(plane * kernel + row) * kernel + column];
                    }
                }
            }

            fixed (float* phases = taps)
                TransformDense4(phases, target, matrix, outputs, inputs * 4, chunkGroups, lanes);
        }

        """;

    private static string Suffix(int taps) => taps == 3 ? "" : Invariant($"{taps}");

    private static string Kernel(int taps)
    {
        string Sum(Func<int, string> term) => string.Join(" + ", Enumerable.Range(0, taps).Select(term));
        var widened = string.Join(
            "\n            ",
            Enumerable
                .Range(0, taps)
                .Select(tap =>
                    Invariant($"Simd::Vector256<double> tap{tap} = Widen(taps + ")
                    + (tap == 0 ? "column" : Invariant($"({tap * taps} + column)"))
                    + " * blockLength + lane);"
                )
        );
        return Invariant(
            $$"""
            // G g G-transposed of as many kernels as a block has output channels, in double and rounded once; the positions are a stride apart.
            [Runtime::MethodImpl(KernelCode)]
            private static void TransformKernels{{Suffix(
                taps
            )}}(float* taps, float* target, System::ReadOnlySpan<double> matrix, int blockLength, long stride)
            {
                int size = matrix.Length / {{taps}};
                Simd::Vector256<double>* rows = stackalloc Simd::Vector256<double>[{{taps + 3}} * {{taps}}];
                for (int lane = 0; lane < blockLength; lane += 4)
                {
                    for (int column = 0; column < {{taps}}; column++)
                    {
                        {{widened}}
                        for (int row = 0; row < size; row++)
                            rows[row * {{taps}} + column] = {{Sum(tap => Invariant($"tap{tap} * matrix[row * {taps}{Plus(tap)}]"))}};
                    }

                    for (int position = 0; position < size * size; position++)
                    {
                        Simd::Vector256<double>* row = rows + position / size * {{taps}};
                        int column = position % size * {{taps}};
                        Simd::Vector256<double> value = {{Sum(tap => Invariant($"row[{tap}] * matrix[column{Plus(tap)}]"))}};
                        Simd::Vector128<float> rounded = Simd::Vector128.Narrow(Simd::Vector256.GetLower(value), Simd::Vector256.GetUpper(value));
                        *(Simd::Vector128<float>*)(target + position * stride + lane) = rounded;
                    }
                }
            }

            """
        );
    }

    private static string Plus(int tap) => tap == 0 ? "" : Invariant($" + {tap}");

    private const string Widen = """
        private static Simd::Vector256<double> Widen(float* values)
        {
            (Simd::Vector128<double> lower, Simd::Vector128<double> upper) = Simd::Vector128.Widen(*(Simd::Vector128<float>*)values);
            return Simd::Vector256.Create(lower, upper);
        }

        """;
}

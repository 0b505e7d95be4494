using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>The methods that transform 3x3 weights for the Winograd domain at load, and the calls to them.</summary>
internal static class WinogradPacking
{
    /// <summary>The statement that computes the transformed weights of one layer.</summary>
    public static string Call(WinogradWeights weights, string source, string target, Parameter parameter)
    {
        var pattern = weights.Pattern;
        var matrix = Invariant($"KernelMatrix{weights.Transform.OutputSize}");
        return parameter.Pattern is null
            ? Invariant(
                $"TransformDense({source}, {target}, {matrix}, outputs: {parameter.Shape[0]}, inputs: {pattern.InputChannels}, "
                    + $"chunkGroups: {weights.ChunkGroups}, lanes: {pattern.BlockLength});"
            )
                + " // "
                + CSharpText.Comment(weights.Parameter)
            : Invariant(
                $"// {CSharpText.Comment(weights.Parameter)}: per group of {pattern.BlockLength} outputs the number of kept input "
                    + $"channels.\n"
                    + $"TransformBlocks({source}, {target}, {matrix}, new int[] {{ "
                    + $"{CSharpText.Numbers(Enumerable.Range(0, pattern.Groups).Select(group => pattern.Kept(group).Count))} }}, blockLength: "
                    + $"{pattern.BlockLength}, chunkGroups: {weights.ChunkGroups});"
            );
    }

    /// <summary>Writes the methods that the calls of a model need.</summary>
    public static void Write(CSharpWriter writer, ModelPlan plan)
    {
        var weights = plan.Constants.OfType<WinogradWeights>().ToArray();
        if (weights.Length == 0)
            return;
        foreach (
            var transform in weights.Select(constant => constant.Transform).Distinct().OrderByDescending(transform => transform.OutputSize)
        )
        {
            var (size, rows) = (transform.OutputSize, transform.KernelMatrix);
            writer.Line($"// G of F({size}x{size},3x3): transforms the three taps of a row or column of a kernel.");
            writer.Line($"private static System::ReadOnlySpan<double> KernelMatrix{size} =>");
            writer.Line("[");
            using (writer.Indented())
            {
                for (var row = 0; row < transform.InputSize; row++)
                    writer.Line(string.Join(", ", Enumerable.Range(0, 3).Select(column => Fraction(rows[(row * 3) + column]))) + ",");
            }

            writer.Line("];").Line();
        }

        if (weights.Any(constant => plan.Source.Parameter(constant.Parameter).Pattern is null))
            writer.Line(Dense);
        if (weights.Any(constant => plan.Source.Parameter(constant.Parameter).Pattern is not null))
            writer.Line(Blocks);
        writer.Line(Kernel);
    }

    /// <summary>The elements of G are 0, 1 and plus or minus 1/2, 1/4, 1/6, 1/12, 1/24.</summary>
    private static string Fraction(double value)
    {
        if (value == 0)
            return "0";
        var denominator = (int)Math.Floor((1 / Math.Abs(value)) + 0.5);
        var sign = value < 0 ? "-" : "";
        return denominator == 1 ? sign + "1" : Invariant($"{sign}1 / {denominator}.0");
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

    private const string Dense = """
        // Dense 3x3 weights [out][in][9] to [chunk][position][group of outputs of the chunk][in][lanes]. The lanes beyond the outputs stay
        // zero.
        private static void TransformDense(
            float* source, float* target, System::ReadOnlySpan<double> matrix, int outputs, int inputs, int chunkGroups, int lanes)
        {
            int size = matrix.Length / 3;
            float* taps = stackalloc float[9 * lanes];
            for (int first = 0; first < outputs; first += chunkGroups * lanes)
            {
                int last = System::Math.Min(first + chunkGroups * lanes, outputs);
                int blocks = (last - first + lanes - 1) / lanes * inputs;
                float* block = target;
                for (int group = first; group < last; group += lanes)
                {
                    int filled = System::Math.Min(lanes, outputs - group);
                    new System::Span<float>(taps, 9 * lanes).Clear();
                    for (int input = 0; input < inputs; input++, block += lanes)
                    {
                        for (int lane = 0; lane < filled; lane++)
                        {
                            for (int tap = 0; tap < 9; tap++)
                                taps[tap * lanes + lane] = source[((long)(group + lane) * inputs + input) * 9 + tap];
                        }

                        TransformKernels(taps, block, matrix, lanes, (long)blocks * lanes);
                    }
                }

                target += (long)blocks * lanes * size * size;
            }
        }

        """;

    private const string Kernel = """
        // G g G-transposed of as many kernels as a block has output channels, in double and rounded once; the positions are a stride apart.
        [Runtime::MethodImpl(KernelCode)]
        private static void TransformKernels(float* taps, float* target, System::ReadOnlySpan<double> matrix, int blockLength, long stride)
        {
            int size = matrix.Length / 3;
            Simd::Vector256<double>* rows = stackalloc Simd::Vector256<double>[6 * 3];
            for (int lane = 0; lane < blockLength; lane += 4)
            {
                for (int column = 0; column < 3; column++)
                {
                    Simd::Vector256<double> tap0 = Widen(taps + column * blockLength + lane);
                    Simd::Vector256<double> tap1 = Widen(taps + (3 + column) * blockLength + lane);
                    Simd::Vector256<double> tap2 = Widen(taps + (6 + column) * blockLength + lane);
                    for (int row = 0; row < size; row++)
                        rows[row * 3 + column] = tap0 * matrix[row * 3] + tap1 * matrix[row * 3 + 1] + tap2 * matrix[row * 3 + 2];
                }

                for (int position = 0; position < size * size; position++)
                {
                    Simd::Vector256<double>* row = rows + position / size * 3;
                    int column = position % size * 3;
                    Simd::Vector256<double> value = row[0] * matrix[column] + row[1] * matrix[column + 1] + row[2] * matrix[column + 2];
                    Simd::Vector128<float> rounded = Simd::Vector128.Narrow(Simd::Vector256.GetLower(value), Simd::Vector256.GetUpper(value));
                    *(Simd::Vector128<float>*)(target + position * stride + lane) = rounded;
                }
            }
        }

        private static Simd::Vector256<double> Widen(float* values)
        {
            (Simd::Vector128<double> lower, Simd::Vector128<double> upper) = Simd::Vector128.Widen(*(Simd::Vector128<float>*)values);
            return Simd::Vector256.Create(lower, upper);
        }

        """;
}

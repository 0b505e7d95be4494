using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning;

/// <summary>
/// A constant that the emitted model computes once, when its weights are loaded, into one block of aligned memory ("constants"): biases
/// padded to whole vectors and weights that no kernel can read as they lie in the file. Sources are parameters of the graph.
/// </summary>
/// <param name="Offset">Start in the constants, in floats, a multiple of 16.</param>
/// <param name="Length">Length in floats, a multiple of 16; what the source does not fill is zero.</param>
public abstract record PreparedConstant(int Offset, int Length);

/// <summary>A vector copied as it is, padded with zeros: a bias [channels]; all zeros where there is no parameter.</summary>
public sealed record PaddedVector(int Offset, int Length, string? Parameter, int Count) : PreparedConstant(Offset, Length);

/// <summary>
/// A dense (perhaps grouped) convolution weight [out, in / groups, kh, kw] as [out / N][input channel][kh * kw][N]: for each block of N
/// output channels the union of the input channels its groups read, ascending; lanes of other groups or beyond the outputs are zero.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The dense weight.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="InputsPerGroup">Input channels of one group.</param>
/// <param name="Taps">kh * kw.</param>
/// <param name="Groups">Channel groups.</param>
/// <param name="BlockLength">N: a multiple of 16.</param>
public sealed record PackedConvolution(
    int Offset,
    int Length,
    string Parameter,
    int Outputs,
    int InputsPerGroup,
    int Taps,
    int Groups,
    int BlockLength
) : PreparedConstant(Offset, Length);

/// <summary>
/// A 3x3 weight transformed for the Winograd domain, G g G-transposed in double and rounded once, as [chunk][position][group of the
/// chunk][kept block][N]. The source is block-sparse, or dense.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The weight.</param>
/// <param name="Transform">The transform.</param>
/// <param name="Pattern">The kept blocks; full for a dense weight.</param>
/// <param name="ChunkGroups">Groups of a chunk; the last may have fewer.</param>
public sealed record WinogradWeights(
    int Offset,
    int Length,
    string Parameter,
    WinogradTransform Transform,
    BlockPattern Pattern,
    int ChunkGroups
) : PreparedConstant(Offset, Length);

/// <summary>A depthwise weight [channels, 1, kh, kw] as [channels / 16][kh * kw][16].</summary>
public sealed record PackedDepthwise(int Offset, int Length, string Parameter, int Channels, int Taps) : PreparedConstant(Offset, Length);

/// <summary>
/// The weight of a transposed convolution [in, out / groups, kh, kw] as [group][out / 8][kh * kw][in / groups][8]; lanes beyond the
/// outputs of a group are zero.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The dense weight.</param>
/// <param name="Groups">Channel groups.</param>
/// <param name="Inputs">Input channels of one group.</param>
/// <param name="Outputs">Output channels of one group.</param>
/// <param name="Taps">kh * kw.</param>
internal sealed record PackedTransposed(int Offset, int Length, string Parameter, int Groups, int Inputs, int Outputs, int Taps)
    : PreparedConstant(Offset, Length);

/// <summary>A dense linear weight [out, in] as [out / 16][in][16].</summary>
public sealed record PackedLinear(int Offset, int Length, string Parameter, int Outputs, int Inputs) : PreparedConstant(Offset, Length);

/// <summary>The two factors of a batch normalisation that could not be folded: [channels] multipliers, then [channels] addends, each padded
/// to 16. multiplier = scale / sqrt(variance + epsilon), addend = shift - mean * multiplier, computed in double.</summary>
public sealed record BatchNormFactors(
    int Offset,
    int Length,
    string Scale,
    string Shift,
    string Mean,
    string Variance,
    float Epsilon,
    int Channels
) : PreparedConstant(Offset, Length);

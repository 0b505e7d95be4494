using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// What an integer layer computes from its weight, scales and bias when they are loaded, as <see cref="IntegerLayerPlaces"/> says.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
internal sealed record IntegerLayerConstants(int Offset, int Length) : FamilyConstant(Offset, Length)
{
    /// <summary>The node, for messages.</summary>
    public required string Layer { get; init; }

    /// <summary>The weight, signed bytes.</summary>
    public required string Weight { get; init; }

    /// <summary>The bits of the weight where it is stored packed, else null.</summary>
    public int? WeightBits { get; init; }

    /// <summary>The scales of the weight.</summary>
    public required string Scales { get; init; }

    /// <summary>The bias, or null.</summary>
    public string? Bias { get; init; }

    /// <summary>Where everything goes.</summary>
    public required IntegerLayerPlaces Places { get; init; }

    /// <summary>The emitted table of the input channels of each group; null where every group reads all.</summary>
    public string? Table { get; init; }

    /// <summary>The kept input channels of each group, where groups differ in their number.</summary>
    public required IReadOnlyList<int> Kept { get; init; }

    /// <summary>Output channels of a group.</summary>
    public required int BlockLength { get; init; }

    /// <summary>True where the weight is stored in blocks.</summary>
    public required bool IsBlocked { get; init; }

    /// <summary>Output channels.</summary>
    public required int Outputs { get; init; }

    /// <summary>Input channels.</summary>
    public required int Inputs { get; init; }

    /// <summary>Groups of channels of a grouped convolution.</summary>
    public required int ChannelGroups { get; init; }

    /// <summary>The scale and zero point of the input, and the scale of the output.</summary>
    public required (float Input, int Zero, float Output) Quantization { get; init; }

    /// <inheritdoc/>
    public override string? NamedAfter => Weight;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => [IntegerLayerPacking.Methods, IntegerWeightCheck.Method];

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target) => IntegerLayerPacking.Call(this, source, target);
}

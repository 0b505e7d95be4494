using System.Globalization;
using Subp.Core.Graphs;

namespace Subp.Core.Text;

/// <summary>The types of values as they stand in .subp text.</summary>
internal static class TypeText
{
    /// <summary><c>f32</c>, or for example <c>u8(0.0235,3)</c>.</summary>
    public static string Write(TensorType type) =>
        type.Quantization is { } quantization
            ? string.Format(
                CultureInfo.InvariantCulture,
                "{0}({1},{2})",
                ElementTypes.Word(type.Element),
                FloatText.Format(quantization.Scale),
                quantization.ZeroPoint
            )
            : ElementTypes.Word(type.Element);
}

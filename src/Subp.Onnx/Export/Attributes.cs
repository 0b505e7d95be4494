using Subp.Core.Operators;
using Subp.Onnx.Protos;
using Type = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace Subp.Onnx.Export;

/// <summary>Makes ONNX attributes.</summary>
internal static class Attributes
{
    /// <summary>An integer.</summary>
    public static AttributeProto Integer(string name, long value) =>
        new()
        {
            Name = name,
            Type = Type.Int,
            I = value,
        };

    /// <summary>A real number.</summary>
    public static AttributeProto Real(string name, float value) =>
        new()
        {
            Name = name,
            Type = Type.Float,
            F = value,
        };

    /// <summary>A word.</summary>
    public static AttributeProto Text(string name, string value) =>
        new()
        {
            Name = name,
            Type = Type.String,
            S = Google.Protobuf.ByteString.CopyFromUtf8(value),
        };

    /// <summary>A list of words.</summary>
    public static AttributeProto Texts(string name, params IEnumerable<string> values) =>
        new()
        {
            Name = name,
            Type = Type.Strings,
            Strings = { values.Select(Google.Protobuf.ByteString.CopyFromUtf8) },
        };

    /// <summary>A list of integers.</summary>
    public static AttributeProto Integers(string name, params IEnumerable<long> values) =>
        new()
        {
            Name = name,
            Type = Type.Ints,
            Ints = { values },
        };

    /// <summary>
    /// Kernel, strides and pads; dilations where <paramref name="withDilation"/> says so, for not every pooling has them in opset 17.
    /// </summary>
    public static IEnumerable<AttributeProto> Window(Window window, bool withDilation)
    {
        yield return Integers("kernel_shape", window.Kernel.Height, window.Kernel.Width);
        yield return Integers("strides", window.Stride.Height, window.Stride.Width);
        yield return Integers("pads", window.Padding.Top, window.Padding.Left, window.Padding.Bottom, window.Padding.Right);
        if (withDilation)
            yield return Integers("dilations", window.Dilation.Height, window.Dilation.Width);
    }
}

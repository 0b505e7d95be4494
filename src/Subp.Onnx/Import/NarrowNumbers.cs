using Subp.Core.Diagnostics;

namespace Subp.Onnx.Import;

/// <summary>The types of numbers of 8 bits and fewer that ONNX has and networks of bytes do not.</summary>
internal static class NarrowNumbers
{
    /// <summary>The name of a type, or null where the number of it is none of these.</summary>
    public static string? Word(int type) =>
        type switch
        {
            17 => "float8e4m3fn",
            18 => "float8e4m3fnuz",
            19 => "float8e5m2",
            20 => "float8e5m2fnuz",
            21 => "uint4",
            22 => "int4",
            23 => "float4e2m1",
            24 => "float8e8m0",
            25 => "uint2",
            26 => "int2",
            _ => null,
        };

    /// <summary>The exception for a tensor of such a type.</summary>
    public static SubpException Unsupported(string tensor, string word) =>
        new(
            DiagnosticDescriptors.OnnxUnsupportedForm,
            $"tensor '{tensor}'",
            $"elements of type {word}, which is not supported",
            "int8, uint8, or a wider type",
            "Quantise the network with weights of int8; those of few bits are found and packed."
        );
}

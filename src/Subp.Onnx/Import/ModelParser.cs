using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>Parses the bytes of an ONNX file and checks what holds for the file as a whole: versions and the presence of a graph.</summary>
internal static class ModelParser
{
    /// <summary>The domain of the operators that ONNX Runtime has beside the standard ones.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    /// <summary>The largest file: protobuf messages end below 2 GiB.</summary>
    public const int MaximumBytes = 0x7fffffc7;

    /// <summary>The oldest opset that is read.</summary>
    public const int OldestOpset = 1;

    /// <summary>The newest opset that is read.</summary>
    public const int NewestOpset = 24;

    // Unknown fields are dropped while parsing, so that a file full of them costs nothing. The default recursion limit of 100 stays.
    private static readonly MessageParser<ModelProto> Parser = ModelProto.Parser.WithDiscardUnknownFields(true);

    /// <summary>Parses a model.</summary>
    /// <exception cref="SubpException">The bytes are no ONNX model, or one of an unsupported version.</exception>
    public static ModelProto Parse(ReadOnlySpan<byte> bytes)
    {
        MessageFlood.Check(bytes);
        ModelProto model;
        try
        {
            model = Parser.ParseFrom(bytes);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidOperationException or ArgumentException)
        {
            throw new SubpException(
                new Diagnostic(
                    DiagnosticDescriptors.OnnxFormat,
                    "",
                    $"bytes that are not protobuf ({exception.Message.TrimEnd('.')})",
                    "an ONNX model",
                    "The file may be truncated or not an ONNX file."
                ),
                exception
            );
        }

        if (model.Graph is null)
            throw new SubpException(DiagnosticDescriptors.OnnxFormat, "", "a message without a graph", "an ONNX model");
        return model;
    }

    /// <summary>True for the domain of the standard operators.</summary>
    public static bool IsStandardDomain(string domain) => domain.Length == 0 || domain == "ai.onnx";

    /// <summary>The version of the standard operators that a model uses.</summary>
    /// <exception cref="SubpException">The version is missing or out of range.</exception>
    public static int Opset(ModelProto model)
    {
        var versions = model.OpsetImport.Where(import => IsStandardDomain(import.Domain)).Select(import => import.Version).ToList();
        var expected = FormattableString.Invariant($"version {OldestOpset} to {NewestOpset}");
        if (versions.Count == 0)
            throw new SubpException(DiagnosticDescriptors.OnnxOpset, "", "no version of ai.onnx", expected);
        var version = versions.Max();
        if (version is < OldestOpset or > NewestOpset)
            throw new SubpException(
                DiagnosticDescriptors.OnnxOpset,
                "",
                FormattableString.Invariant($"version {version} of ai.onnx"),
                expected,
                FormattableString.Invariant(
                    $"Export it with an opset_version of {OldestOpset} to {NewestOpset}, or use convert_version of onnx.version_converter."
                )
            );
        return (int)version;
    }
}

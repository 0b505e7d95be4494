using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Onnx.Import;
using Subp.Onnx.Protos;

namespace Subp.Onnx;

/// <summary>
/// Reads ONNX files: bytes to protobuf (<see cref="ModelParser"/>), protobuf to an index of values in an order of computation
/// (<see cref="GraphIndex"/>), node after node through one converter per operator (<see cref="OperatorTable"/>) to a graph with its
/// weights.
/// </summary>
public static class OnnxImporter
{
    /// <summary>The operators that can be imported, by name.</summary>
    public static IReadOnlyList<SupportedOperator> SupportedOperators => OperatorTable.Supported;

    /// <summary>Imports a file; external weights are looked for in its folder.</summary>
    /// <exception cref="SubpException">The file is not a model that this build can import.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Model ImportFile(string path, ImportOptions? options = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        options ??= new ImportOptions();
        if (options.OpenExternalData is null)
            options = options with { OpenExternalData = location => OpenBeside(folder, location) };
        RequireSize(MappedFile.LengthOf(path), path);
        var bytes = 0;
        return Answering(path, () => Import(Parse(), bytes, path, options));

        // The file is let go before the first weight is converted.
        ModelProto Parse()
        {
            using var file = MappedFile.Open(path);
            bytes = file.Memory.Length;
            return ModelParser.Parse(file.Memory.Span);
        }
    }

    /// <summary>Imports a model from a stream, which is read to its end.</summary>
    /// <param name="stream">The bytes of the file.</param>
    /// <param name="fileName">The name for messages, and for the graph where the model has no name.</param>
    /// <param name="options">What the file leaves open.</param>
    /// <exception cref="SubpException">The bytes are not a model that this build can import.</exception>
    public static Model Import(Stream stream, string fileName, ImportOptions? options = null)
    {
        if (stream.CanSeek)
            RequireSize(stream.Length - stream.Position, fileName);
        using var buffer = new MemoryStream(stream.CanSeek ? (int)(stream.Length - stream.Position) : 0);
        stream.CopyTo(buffer);
        return Import(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), fileName, options);
    }

    /// <summary>Imports a model from the bytes of a file.</summary>
    /// <param name="bytes">The bytes of the file.</param>
    /// <param name="fileName">The name for messages, and for the graph where the model has no name.</param>
    /// <param name="options">What the file leaves open.</param>
    /// <returns>The graph and the values of its parameters. Values may hold NaN or infinity; the weights check reports them.</returns>
    /// <exception cref="SubpException">The bytes are not a model that this build can import.</exception>
    public static Model Import(ReadOnlyMemory<byte> bytes, string fileName, ImportOptions? options = null) =>
        Answering(fileName, () => Import(ModelParser.Parse(bytes.Span), bytes.Length, fileName, options ?? new ImportOptions()));

    private static Model Import(ModelProto model, int bytes, string fileName, ImportOptions options) =>
        new ImportSession(model, Path.GetFileNameWithoutExtension(fileName), bytes, options).Run();

    // Whoever finds a fault in a model does not know the name of its file.
    private static Model Answering(string fileName, Func<Model> import)
    {
        try
        {
            return import();
        }
        catch (SubpException exception)
        {
            var diagnostic = exception.Diagnostic;
            var location = diagnostic.Location.Length == 0 ? fileName : $"{fileName}: {diagnostic.Location}";
            throw new SubpException(diagnostic with { Location = location }, exception);
        }
    }

    private static void RequireSize(long bytes, string fileName)
    {
        if (bytes > ModelParser.MaximumBytes)
            throw new SubpException(
                DiagnosticDescriptors.OnnxFormat,
                fileName,
                FormattableString.Invariant($"{bytes} bytes"),
                FormattableString.Invariant($"at most {ModelParser.MaximumBytes} bytes"),
                "Save the weights as external data."
            );
    }

    private static FileStream? OpenBeside(string folder, string location)
    {
        var path = Path.Combine(folder, location);
        return File.Exists(path) ? File.OpenRead(path) : null;
    }
}

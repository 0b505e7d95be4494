using System.CommandLine;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Commands;

/// <summary>The option that names the shared library of ONNX Runtime.</summary>
internal sealed class OnnxRuntimeOption
{
    private readonly Option<string?> _path = new("--onnxruntime-lib")
    {
        Description =
            "The shared library of ONNX Runtime 1.31 or later, or a folder with it, to compare with it too: "
            + $"'{OnnxRuntimeLibrary.DownloadCommand}' gets one.",
        HelpName = "path",
    };

    /// <summary>Adds the option to a command.</summary>
    public OnnxRuntimeOption AddTo(Command command)
    {
        command.Add(_path);
        return this;
    }

    /// <summary>The library, or null where none is named.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The file cannot be loaded.</exception>
    public OnnxRuntimeLibrary? Load(ParseResult arguments) => arguments.GetValue(_path) is { } path ? OnnxRuntimeLibrary.Load(path) : null;
}

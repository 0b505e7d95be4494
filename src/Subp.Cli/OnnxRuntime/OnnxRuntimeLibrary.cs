using System.Runtime.InteropServices;
using Subp.Cli.Failures;
using Subp.Core.Diagnostics;

namespace Subp.Cli.OnnxRuntime;

/// <summary>
/// ONNX Runtime as a shared library that the user names: an oracle that shares no code with this product. Nothing of it is needed to build,
/// to test or to run anything else.
/// </summary>
internal sealed unsafe class OnnxRuntimeLibrary : IDisposable
{
    /// <summary>
    /// The version of the C interface that is asked for: that of release 1.12, the first that reads the operators which are exported.
    /// </summary>
    public const uint ApiVersion = 12;

    private const string EntryPoint = "OrtGetApiBase";
    private const int ErrorsOnly = 3;
    private const string Expected = "the shared library of ONNX Runtime 1.12 or later, for this system and processor";
    private const string Action =
        "Get one with eng/get-onnxruntime, or name libonnxruntime.so, onnxruntime.dll or libonnxruntime.dylib of an installation.";

    private readonly nint* _functions;
    private nint _environment;

    private OnnxRuntimeLibrary(string path, string version, nint* functions)
    {
        Path = path;
        Version = version;
        _functions = functions;
        fixed (byte* name = "subp\0"u8)
        {
            nint environment;
            Require(
                ((delegate* unmanaged<int, byte*, nint*, nint>)this[OnnxRuntimeFunction.CreateEnv])(ErrorsOnly, name, &environment),
                "the environment"
            );
            _environment = environment;
        }
    }

    /// <summary>The path as the user gave it.</summary>
    public string Path { get; }

    /// <summary>The version of the library, such as 1.23.0.</summary>
    public string Version { get; }

    /// <summary>The environment that sessions belong to.</summary>
    public nint Environment => _environment != 0 ? _environment : throw new ObjectDisposedException(nameof(OnnxRuntimeLibrary));

    /// <summary>The address of a function.</summary>
    public nint this[OnnxRuntimeFunction function] => _functions[(int)function];

    /// <summary>Loads the library.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SubpException">There is no such file, it is no shared library for this machine, or none of ONNX Runtime 1.12 or
    /// later.</exception>
    public static OnnxRuntimeLibrary Load(string path)
    {
        if (!File.Exists(path))
            throw new SubpException(FailureReport.NotFound(path));
        nint library;
        try
        {
            // The loader looks for names without a folder in other places.
            library = NativeLibrary.Load(System.IO.Path.GetFullPath(path));
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new SubpException(
                new Diagnostic(DiagnosticDescriptors.OnnxRuntimeLibrary, path, "a file that the system does not load", Expected, Action),
                exception
            );
        }

        if (!NativeLibrary.TryGetExport(library, EntryPoint, out var entry))
        {
            NativeLibrary.Free(library);
            throw new SubpException(
                DiagnosticDescriptors.OnnxRuntimeLibrary,
                path,
                $"a shared library without {EntryPoint}",
                Expected,
                Action
            );
        }

        // It is never unloaded: threads of its own may still be on their way out when the last session is gone.
        return Create(path, ((delegate* unmanaged<nint>)entry)());
    }

    /// <summary>Takes the functions from what the entry point of the library answers.</summary>
    /// <param name="path">The path for messages.</param>
    /// <param name="entries">The address of two functions: the one that gives the table of a version, and the one that tells the version of
    /// the library.</param>
    /// <exception cref="SubpException">The library is too old.</exception>
    public static OnnxRuntimeLibrary Create(string path, nint entries)
    {
        var getApi = (delegate* unmanaged<uint, nint*>)((nint*)entries)[0];
        var getVersion = (delegate* unmanaged<byte*>)((nint*)entries)[1];
        var version = Text(getVersion());
        var functions = getApi(ApiVersion);
        return functions is not null
            ? new OnnxRuntimeLibrary(path, version, functions)
            : throw new SubpException(DiagnosticDescriptors.OnnxRuntimeLibrary, path, $"version {version}", Expected, Action);
    }

    /// <summary>Throws where a call did not succeed.</summary>
    /// <param name="status">What the call answered; it is released.</param>
    /// <param name="place">What it was about.</param>
    /// <exception cref="SubpException">The call failed.</exception>
    public void Require(nint status, string place)
    {
        if (status == 0)
            return;
        var message = Text(((delegate* unmanaged<nint, byte*>)this[OnnxRuntimeFunction.GetErrorMessage])(status));
        ((delegate* unmanaged<nint, void>)this[OnnxRuntimeFunction.ReleaseStatus])(status);
        throw new SubpException(
            DiagnosticDescriptors.OnnxRuntimeFailed,
            place,
            message.ReplaceLineEndings(" ").Trim().TrimEnd('.'),
            "",
            $"This is the answer of ONNX Runtime {Version}; a later version may know more operators."
        );
    }

    /// <summary>Releases an object of the library; 0 is none.</summary>
    public void Release(OnnxRuntimeFunction function, nint handle)
    {
        if (handle != 0)
            ((delegate* unmanaged<nint, void>)this[function])(handle);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release(OnnxRuntimeFunction.ReleaseEnv, _environment);
        _environment = 0;
    }

    /// <summary>The text at an address, in UTF-8.</summary>
    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}

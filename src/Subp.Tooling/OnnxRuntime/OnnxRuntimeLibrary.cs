using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Subp.Core.Diagnostics;
using Subp.Tooling.Failures;

namespace Subp.Tooling.OnnxRuntime;

/// <summary>
/// The shared library of ONNX Runtime: an oracle that shares no code with this product. The tool brings its managed half only, which is
/// small; the user names the native one, and nothing of it is needed to build or to run anything else.
/// </summary>
internal sealed unsafe class OnnxRuntimeLibrary
{
    /// <summary>The version of the package whose managed half this is built with.</summary>
    public const string PackageVersion = "1.31.1";

    /// <summary>The command that gets the library, in a folder that <c>--onnxruntime-lib</c> takes.</summary>
    public const string DownloadCommand = "dotnet package download Microsoft.ML.OnnxRuntime@" + PackageVersion + " --output onnxruntime";

    // The version of the C interface that the managed half asks for. It does not check the answer.
    private const uint ApiVersion = 31;
    private const string EntryPoint = "OrtGetApiBase";
    private const string Expected = "the shared library of ONNX Runtime 1.31 or later, for this system and processor, or a folder with it";
    private const string Action = "Run '" + DownloadCommand + "' and give '--onnxruntime-lib onnxruntime'.";

    private static readonly Lock s_gate = new();
    private static OnnxRuntimeLibrary? s_loaded;

    private OnnxRuntimeLibrary(string path)
    {
        Path = path;
        Version = OrtEnv.Instance().GetVersionString();
    }

    /// <summary>The full path of the library.</summary>
    public string Path { get; }

    /// <summary>The version of the library, such as 1.31.1.</summary>
    public string Version { get; }

    /// <summary>Loads the library. A process has room for one: the managed half binds to it for good.</summary>
    /// <param name="path">The file, or a folder as in <see cref="OnnxRuntimeFiles"/>.</param>
    /// <exception cref="SubpException">There is no such file, it is no shared library for this machine, or none of ONNX Runtime 1.31 or
    /// later.</exception>
    /// <exception cref="InvalidOperationException">Another library was loaded before.</exception>
    public static OnnxRuntimeLibrary Load(string path)
    {
        var file = FileOf(path);
        lock (s_gate)
        {
            if (s_loaded?.Path == file)
                return s_loaded;
            // It is never unloaded: threads of its own may still be on their way out when the last session is gone.
            var handle = Open(path, file);
            if (s_loaded is not null)
                throw new InvalidOperationException($"{s_loaded.Path} is loaded already, and {file} cannot be loaded beside it.");
            OrtEnv.DisableDllImportResolver = true;
            NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, (name, _, _) => name.Contains("onnxruntime") ? handle : 0);
            var options = new EnvironmentCreationOptions { logId = "subp", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            OrtEnv.CreateInstanceWithOptions(ref options);
            return s_loaded = new OnnxRuntimeLibrary(file);
        }
    }

    /// <summary>Makes sure that a library has the functions that the managed half calls.</summary>
    /// <param name="path">The path for messages.</param>
    /// <param name="entries">The address of two functions: the one that gives the table of a version, and the one that tells the version of
    /// the library.</param>
    /// <exception cref="SubpException">The library is too old.</exception>
    public static void RequireInterface(string path, nint entries)
    {
        var getApi = (delegate* unmanaged<uint, nint>)((nint*)entries)[0];
        var getVersion = (delegate* unmanaged<byte*>)((nint*)entries)[1];
        if (getApi(ApiVersion) == 0)
            throw Refused(path, $"version {Marshal.PtrToStringUTF8((nint)getVersion())}");
    }

    /// <summary>Calls into the managed half, and answers its exceptions as diagnostics.</summary>
    /// <param name="place">What the call is about.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="SubpException">The call failed.</exception>
    public T Call<T>(string place, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failure(place, exception);
        }
    }

    /// <summary>An exception of the managed half as a diagnostic.</summary>
    /// <param name="place">What the call was about.</param>
    /// <param name="exception">The exception.</param>
    public SubpException Failure(string place, OnnxRuntimeException exception) =>
        new(
            new Diagnostic(
                DiagnosticDescriptors.OnnxRuntimeFailed,
                place,
                exception.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.'),
                "",
                exception.Message.Contains("NOT_IMPLEMENTED", StringComparison.Ordinal)
                || exception.Message.Contains("not a registered", StringComparison.Ordinal)
                    ? $"This is the answer of ONNX Runtime {Version}; a later version may know more operators."
                    : $"This is the answer of ONNX Runtime {Version}."
            ),
            exception
        );

    private static string FileOf(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full))
            return OnnxRuntimeFiles.Find(full) ?? throw Refused(path, "a folder without it");
        return File.Exists(full) ? full : throw new SubpException(FailureReport.NotFound(path) with { Action = Action });
    }

    private static nint Open(string path, string file)
    {
        nint library;
        try
        {
            library = NativeLibrary.Load(file);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw Refused(path, "a file that the system does not load", exception);
        }

        try
        {
            if (!NativeLibrary.TryGetExport(library, EntryPoint, out var entry))
                throw Refused(path, $"a shared library without {EntryPoint}");
            RequireInterface(path, ((delegate* unmanaged<nint>)entry)());
            return library;
        }
        catch (SubpException)
        {
            NativeLibrary.Free(library);
            throw;
        }
    }

    private static SubpException Refused(string path, string found, Exception? cause = null) =>
        new(new Diagnostic(DiagnosticDescriptors.OnnxRuntimeLibrary, path, found, Expected, Action), cause);
}

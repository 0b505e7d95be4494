using Subp.Tooling.OnnxRuntime;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>
/// Where the shared libraries of the peers are: that of ONNX Runtime beside this program, the others in the folder that
/// <c>eng/get-peers</c> fills, unless the command line names others.
/// </summary>
/// <param name="Folder">The folder of <c>eng/get-peers</c>.</param>
/// <param name="OnnxRuntime">The library of ONNX Runtime, or null for the one of the package this program references.</param>
/// <param name="Libxsmm">A library of LIBXSMM from version 2.0 on, or null: Debian has none.</param>
internal sealed record PeerLibraries(string Folder, string? OnnxRuntime = null, string? Libxsmm = null)
{
    /// <summary>What a table says in place of the figures of a library that is not there.</summary>
    public const string NotInstalled = "not installed; run eng/get-peers";

    /// <summary>The shared library of ONNX Runtime, or null where the package has none for this system.</summary>
    public string? OnnxRuntimePath() => OnnxRuntime ?? OnnxRuntimeFiles.Find(AppContext.BaseDirectory);

    /// <summary>The shared library of oneDNN with those that it needs before it, or null where it is not there.</summary>
    public IReadOnlyList<string>? OneDnnPaths() => All("libgomp.so.1", "libOpenCL.so.1", "libdnnl.so.2");

    /// <summary>The shared library of XNNPACK with those that it needs before it, or null where it is not there.</summary>
    public IReadOnlyList<string>? XnnpackPaths() => All("libcpuinfo.so.0", "libpthreadpool.so.0", "libXNNPACK.so.0");

    /// <summary>The shared library of LIBXSMM 1.17, or null where it is not there.</summary>
    public IReadOnlyList<string>? LibxsmmPaths() => All("libxsmm.so");

    /// <summary>The shared library of LIBXSMM 2.0, or null where it was not named.</summary>
    public IReadOnlyList<string>? LibxsmmBlocksPaths() => Libxsmm is null ? null : [Libxsmm];

    /// <summary>The library that hides AVX-512 from others, or null where it is not there.</summary>
    public string? HideAvx512Path() => All("libhideavx512.so")?[0];

    private string[]? All(params IEnumerable<string> names)
    {
        string[] paths = [.. names.Select(name => Path.Combine(Folder, "lib", name))];
        return paths.All(File.Exists) ? paths : null;
    }
}

using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Files;

namespace Subp.Tooling.Compilation;

/// <summary>
/// A network that is compiled to be run at once. Its assembly goes through a temporary file, which is mapped: in memory it would lie beside
/// the weights of the network, several times while it is made and loaded.
/// </summary>
/// <param name="File">What compiling made.</param>
/// <param name="Loaded">The model.</param>
internal sealed record TemporaryAssembly(CompiledFile File, LoadedModel Loaded) : IDisposable
{
    /// <summary>Compiles and loads a network.</summary>
    /// <param name="model">A packed network.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static TemporaryAssembly Load(Model model, CompileOptions options, CancellationToken cancellation)
    {
        var path = Path.Combine(Path.GetTempPath(), $"subp-{Path.GetRandomFileName()}.dll");
        PendingOutputs.Add(path);
        try
        {
            var file = CompiledFile.Compile(path, model, options, cancellation: cancellation);
            // Windows keeps a mapped file from being deleted, so that it is read there.
            return new TemporaryAssembly(file, OperatingSystem.IsWindows() ? LoadedModel.Load(path) : LoadedModel.Map(path));
        }
        finally
        {
            PendingOutputs.Delete(path);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Loaded.Dispose();
}

using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Contenders.Libxsmm;
using Subp.Benchmarks.Peers.Contenders.OneDnn;
using Subp.Benchmarks.Peers.Contenders.Xnnpack;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Processes;
using Subp.Onnx;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Benchmarks.Peers.Layers;

/// <summary>What a child of the layers table is to measure.</summary>
/// <param name="Layer">The title of the layer in <see cref="LayerCase.All"/>.</param>
/// <param name="Rounds">The number of rounds.</param>
/// <param name="Libraries">Where the other libraries are.</param>
/// <param name="WithSparsePeers">False leaves out the libraries that generate code, one of which may have ended an earlier process.</param>
internal sealed record LayerWork(string Layer, int Rounds, PeerLibraries Libraries, bool WithSparsePeers = true);

/// <summary>Measures one layer in every library that has it.</summary>
internal static class LayerWorker
{
    /// <summary>The role of the process.</summary>
    public const string Role = "layer";

    /// <summary>Plays the role.</summary>
    public static void Run(LayerWork work)
    {
        var layer = LayerCase.All.Single(layer => layer.Title == work.Layer);
        var problem = new LayerProblem(layer.Specification, LayerCase.BlockLength, layer.Sparsity);
        WorkerProgram.Answer(LayerRounds.Measure(problem, Candidates(layer, problem, work), work.Rounds));
    }

    private static IEnumerable<Candidate> Candidates(LayerCase layer, LayerProblem problem, LayerWork work)
    {
        var libraries = work.Libraries;
        var set = NetworkFiles.BestInstructionSet;
        if (layer.Sparsity > 0)
            yield return new Candidate("SUBP", ContenderKind.Own, () => new CompiledLayerContender("SUBP", problem, problem.Model, set));
        yield return new Candidate(
            "SUBP dense",
            layer.Sparsity > 0 ? ContenderKind.OwnDense : ContenderKind.Own,
            () => new CompiledLayerContender("SUBP dense", problem, problem.DenseModel, set)
        );
        yield return new Candidate(
            "ONNX Runtime",
            ContenderKind.DensePeer,
            () => OnnxRuntime(problem, Installed(libraries.OnnxRuntimePath()))
        );
        yield return new Candidate(
            "oneDNN direct",
            ContenderKind.DensePeer,
            () => new OneDnnContender(problem, Installed(libraries.OneDnnPaths()), OneDnn.Direct)
        );
        if (layer.Specification is { Kernel: 3, Stride: 1, Groups: 1 })
            yield return new Candidate(
                "oneDNN Winograd",
                ContenderKind.DensePeer,
                () => new OneDnnContender(problem, Installed(libraries.OneDnnPaths()), OneDnn.Winograd)
            );
        if (problem.IsMatrixProduct && work.WithSparsePeers)
        {
            yield return new Candidate(
                "XNNPACK sparse",
                ContenderKind.SparsePeer,
                () => new XnnpackContender(problem, Installed(libraries.XnnpackPaths()))
            );
            yield return new Candidate(
                "LIBXSMM xcsr_soa",
                ContenderKind.SparsePeer,
                () => new LibxsmmCsrContender(problem, Installed(libraries.LibxsmmPaths()))
            );
            if (libraries.LibxsmmBlocksPaths() is { } blocks)
                yield return new Candidate("LIBXSMM bcsc", ContenderKind.SparsePeer, () => new LibxsmmBlockContender(problem, blocks));
            yield return new Candidate(
                "LIBXSMM fsspmdm",
                ContenderKind.SparsePeer,
                () => new LibxsmmFixedContender(problem, Installed(libraries.LibxsmmPaths()))
            );
        }
    }

    private static OnnxRuntimeContender OnnxRuntime(LayerProblem problem, string path)
    {
        var onnx = OnnxExporter.Export(problem.Model);
        return new OnnxRuntimeContender(
            OnnxRuntimeLibrary.Load(path),
            library => OnnxRuntimeSession.OfBytes(library, problem.Specification.ToString(), onnx, threads: 1),
            problem.Input,
            problem.InputShape,
            problem.OutputShape
        )
        {
            Remark = "with its conversions of layout",
        };
    }

    private static T Installed<T>(T? library)
        where T : class => library ?? throw new PeerException(PeerLibraries.NotInstalled);
}

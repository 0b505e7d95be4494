using Subp.Compiler.Passes;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
#if NET
using Subp.Compiler.Packing;
using Subp.Core.Weights;
#endif

namespace Subp.Compiler;

/// <summary>
/// The whole way of a network through the compiler, as two flat lists. Packing may look at weight values and ends in a bundle; compiling
/// sees structure only and ends in a plan, from which the C# is written.
/// </summary>
public static class PassPipeline
{
#if NET
    /// <summary>Packing: values in, bundle out.</summary>
    public static IReadOnlyList<PackingPass> Packing { get; } =
    [
        // Into operators that the following passes and the kernels know.
        new LowerLocalResponseNorm(),
        // Batch normalisation behind a convolution is linear: it disappears into weights and bias. Before block search, since a scale of
        // zero creates zeros.
        new FoldBatchNorm(),
        // What no layer before it could take; behind it, since a layer before it takes it for nothing.
        new FoldBatchNormAhead(),
        // The pattern is a property of the final values; imported networks do not declare it.
        new FindBlocks(),
        // Behind it, since it finds and networks declare blocks that no kernel is emitted for.
        new WidenBlocks(),
        // Last: which values are stored, and so in how many bits, depends on the blocks.
        new FindFewBits(),
    ];
#endif

    /// <summary>Compiling: structure in, laid out structure out.</summary>
    public static IReadOnlyList<GraphPass> Compiling { get; } =
    [
        // First, so that later passes see only work that reaches an output.
        new DropDeadNodes(),
        // Before all passes that look at neighbours, since it puts two or three nodes where the graph has one.
        new LowerReshape(),
        // Beside it, for the same reason.
        new LowerResize(),
        // Padding that convolutions and pools do on their own; before fusion, which looks at neighbours.
        new FoldPad(),
        // Before the residual pass: an addition takes its activation along into the convolution.
        new FuseActivation(),
        // The addition is done while the convolution's result is in registers.
        new FuseResidual(),
        // Last: conversions become nodes, and nothing after this may change shapes or add values without a layout.
        new AssignLayouts(),
    ];

#if NET
    /// <summary>Runs the packing passes, verifying the graph after each.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The network breaks a rule of the graph.</exception>
    public static Model Pack(Model model, PassObserver? observer = null)
    {
        GraphVerifier.Verify(model.Graph);
        foreach (var pass in Packing)
        {
            var before = model;
            model = pass.Run(model);
            GraphVerifier.Verify(model.Graph);
            observer?.Invoke(pass.Name, model.Graph, !ReferenceEquals(before, model));
        }

        return model;
    }
#endif

    /// <summary>Runs the compile passes, verifying the graph after each.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The graph breaks a rule, or there is no kernel for a node.</exception>
    public static Graph Compile(Graph graph, PassObserver? observer = null)
    {
        GraphVerifier.Verify(graph);
        KernelCoverage.Require(graph);
        foreach (var pass in Compiling)
        {
            var before = graph;
            graph = pass.Run(graph);
            GraphVerifier.Verify(graph);
            observer?.Invoke(pass.Name, graph, !ReferenceEquals(before, graph));
        }

        return graph;
    }
}

/// <summary>Hears of each pass after it ran, for dumps and timing.</summary>
/// <param name="pass">The pass.</param>
/// <param name="graph">The graph after it.</param>
/// <param name="changed">Whether the pass changed anything.</param>
public delegate void PassObserver(string pass, Graph graph, bool changed);

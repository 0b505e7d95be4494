using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.Verification;
using Subp.Training.Data;
using Subp.Training.Models;

namespace Subp.Cli.Runs;

/// <summary>What the compiled code of a trained network is like, measured beside its dense parent.</summary>
/// <param name="Accuracy">The share of test images in their class; null where the images are not in memory.</param>
/// <param name="DenseAccuracy">The same of the parent; null where it has no trained weights, or the images are not in memory.</param>
/// <param name="AssemblyBytes">The size of its assembly.</param>
/// <param name="DenseAssemblyBytes">The size of the assembly of the parent.</param>
/// <param name="MemoryBytes">What a loaded model and a session of one thread hold: values, scratch, stored and prepared weights.</param>
/// <param name="Microseconds">The median time of an image on one thread.</param>
/// <param name="DenseMicroseconds">The same of the parent.</param>
/// <param name="Speedup">The median over the rounds of the ratio within each.</param>
/// <param name="InstructionSet">The instruction set of the compiled code.</param>
internal sealed record RunMeasurement(
    double? Accuracy,
    double? DenseAccuracy,
    long AssemblyBytes,
    long DenseAssemblyBytes,
    long MemoryBytes,
    double Microseconds,
    double DenseMicroseconds,
    double Speedup,
    string InstructionSet
)
{
    /// <summary>The number of threads of all timings of runs.</summary>
    public const int Threads = 1;

    /// <summary>Compiles both networks and measures them in turns.</summary>
    /// <param name="model">The trained network, packed.</param>
    /// <param name="parent">Its dense parent.</param>
    /// <param name="start">The weights that the parent had when the training started from it; null where it started from random ones, which
    /// have no influence on the time.</param>
    /// <param name="test">The test images.</param>
    /// <param name="rounds">Interleaved rounds of timing.</param>
    /// <param name="context">Hears how far it is.</param>
    public static RunMeasurement Of(Model model, Graph parent, WeightSet? start, IImageSource test, int rounds, CommandContext context)
    {
        var own = Compile(model, "Trained", context);
        var (parentModel, isTrained) = Parent(parent, start);
        var dense = Compile(parentModel, "Parent", context);
        using var ownModel = LoadedModel.Load(own.Assembly);
        using var denseModel = LoadedModel.Load(dense.Assembly);
        double? Accuracy(LoadedModel compiled) =>
            test is ImageDataset images ? ShareCorrect(compiled, images, model.Graph.Metadata, context) : null;
        var accuracy = Accuracy(ownModel);
        var denseAccuracy = isTrained ? Accuracy(denseModel) : null;
        IReadOnlyList<ModelTiming> timings = [];
        context.WithProgress(
            "timing",
            progress =>
                timings = ModelBenchmark.Run(
                    [("trained", ownModel), ("parent", denseModel)],
                    [Threads],
                    rounds,
                    progress,
                    context.Cancellation
                )
        );
        using var session = ownModel.CreateSession(Threads);
        return new RunMeasurement(
            accuracy,
            denseAccuracy,
            own.Assembly.Assembly.Length,
            dense.Assembly.Assembly.Length,
            MemoryOf(own),
            timings[0].Microseconds.Median,
            timings[1].Microseconds.Median,
            timings[0].SpeedupOver(timings[1]),
            session.InstructionSet.ToString().ToLowerInvariant()
        );
    }

    private static long MemoryOf(CompiledNetwork network)
    {
        var plan = network.Plan;
        using var weights = ModelBundle.OpenWeights(network.Model);
        return (sizeof(float) * ((long)plan.ArenaLength + (Threads * (long)plan.ScratchLength) + plan.ConstantsLength)) + weights.Length;
    }

    // Weights that were pruned before would be packed as blocks, and their network is not the dense one.
    private static (Model Model, bool IsTrained) Parent(Graph graph, WeightSet? start)
    {
        var trained = start is null ? null : PassPipeline.Pack(new Model(graph, start));
        return trained is not null && trained.Graph.Parameters.All(parameter => parameter.Pattern is null)
            ? (trained, true)
            : (PassPipeline.Pack(new Model(graph, WeightInitializer.Initialize(graph, seed: 1))), false);
    }

    /// <summary>Compiles a network of a run for the thread count of all timings.</summary>
    public static CompiledNetwork Compile(Model model, string className, CommandContext context) =>
        CompiledNetwork.Compile(
            model,
            new CompileOptions
            {
                ClassName = className,
                ThreadCounts = [Threads],
                ToolVersion = ToolVersion.Current,
            },
            cancellation: context.Cancellation
        );

    private static double ShareCorrect(LoadedModel model, ImageDataset images, ModelMetadata metadata, CommandContext context)
    {
        var inputs = InputSet.OfImages("test images", images, RunnableModel.InputShape(model), metadata);
        return CompiledAccuracy.Of(model, Threads, inputs, context).Share;
    }
}

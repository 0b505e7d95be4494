using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inspection;

namespace Subp.Cli.Compression;

/// <summary>What a network costs.</summary>
/// <param name="Bytes">All weights.</param>
/// <param name="Macs">Multiply-adds of kept blocks.</param>
/// <param name="PredictedMicroseconds">One thread, by the cost model.</param>
/// <param name="MeasuredMicroseconds">One thread, the median of rounds.</param>
internal sealed record CompressionFigures(long Bytes, long Macs, double PredictedMicroseconds, double MeasuredMicroseconds)
{
    private const int Rounds = 15;

    /// <summary>Predicted microseconds of a packed network on one thread.</summary>
    public static double Predict(Model packed, TimePrediction prediction) =>
        CompiledNetwork.PlanOf(packed, new CompileOptions()).Layers.Sum(prediction.Microseconds);

    /// <summary>Compiles the original and the compressed network and times them in turns.</summary>
    public static (CompressionFigures Before, CompressionFigures After) Of(
        Model original,
        CompressedNetwork compressed,
        TimePrediction prediction,
        CommandContext context
    )
    {
        CompiledNetwork Compile(Model model, string name)
        {
            context.Log($"compiling the {name.ToLowerInvariant()} network");
            return CompiledNetwork.Compile(
                model,
                new CompileOptions { ClassName = name, ToolVersion = ToolVersion.Current },
                cancellation: context.Cancellation
            );
        }

        var folded = PassPipeline.Pack(original);
        using var before = LoadedModel.Load(Compile(folded, "Original").Assembly);
        using var after = LoadedModel.Load(Compile(compressed.Packed, "Compressed").Assembly);
        IReadOnlyList<ModelTiming> timings = [];
        context.WithProgress(
            "timing",
            progress =>
                timings = ModelBenchmark.Run([("original", before), ("compressed", after)], [1], Rounds, progress, context.Cancellation)
        );
        return (
            new(
                CompressedNetwork.Size(folded.Graph),
                LayerCost.Total(folded.Graph).KeptMacs,
                Predict(folded, prediction),
                timings[0].Microseconds.Median
            ),
            new(
                compressed.Bytes,
                LayerCost.Total(compressed.Packed.Graph).KeptMacs,
                Predict(compressed.Packed, prediction),
                timings[1].Microseconds.Median
            )
        );
    }
}

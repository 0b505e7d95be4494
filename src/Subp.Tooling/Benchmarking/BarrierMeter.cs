using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Tooling.Benchmarking;

/// <summary>
/// Measures what a meeting of two threads costs: a network of many windows over a map of four rows, so that each layer is a few nanoseconds
/// of work and needs a meeting behind it, timed on one thread and on two.
/// </summary>
internal static class BarrierMeter
{
    private const int Layers = 64;
    private const int Rounds = 40;

    /// <summary>Microseconds of one meeting, when both threads arrive together.</summary>
    public static double Measure(CompileOptions options, CancellationToken cancellation)
    {
        var builder = new GraphBuilder("meetings");
        var value = builder.Input("image", new TensorShape(1, 16, 4, 4));
        for (var layer = 0; layer < Layers; layer++)
            value = builder.Node(
                FormattableString.Invariant($"window{layer}"),
                new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 1, 1) },
                value
            );
        builder.Output(value);
        var model = PassPipeline.Pack(new Model(builder.Build(), new WeightSet()));
        var plan = ModelPlanner.Plan(
            model.Graph,
            options with
            {
                ThreadCounts = [1, 2],
                InstructionSets = [options.InstructionSets[0]],
                Weights = WeightsLocation.Embedded,
            }
        );
        var assembly = ModelAssemblyCompiler.Compile(
            ModelEmitter.Emit(plan, cancellation),
            ModelBundle.Write(model).Safetensors,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors",
            cancellation
        );
        using var loaded = LoadedModel.Load(assembly);
        using var one = loaded.CreateSession(1);
        using var two = loaded.CreateSession(2);
        var input = new float[loaded.InputLength];
        SessionTimer[] timers = [new(one, input, loaded.OutputLength), new(two, input, loaded.OutputLength)];
        InterleavedRounds.Run([timers[0].Measure, timers[1].Measure], Rounds, static (_, _) => { }, cancellation);
        // The fastest round: where another process has one of the processors, a round tells how long that one kept it.
        return Math.Max(0, (timers[1].Runs.Min() - (timers[0].Runs.Min() / 2)) / plan.Schedules[^1].Barriers);
    }
}

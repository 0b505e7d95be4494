using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Layers;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Processes;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;

namespace Subp.Benchmarks.Peers.Forms;

/// <summary>What a child of the forms table is to measure.</summary>
/// <param name="Layer">The title of the layer in <see cref="FormsTable.Layers"/>.</param>
/// <param name="Rounds">The number of rounds.</param>
internal sealed record FormsWork(string Layer, int Rounds);

/// <summary>What it found.</summary>
/// <param name="Layer">The times.</param>
/// <param name="CodeBytes">The size of the emitted assembly without weights, for each contender.</param>
internal sealed record FormsAnswer(LayerAnswer Layer, IReadOnlyList<int> CodeBytes);

/// <summary>Measures one layer in the forms that <c>--unroll</c> asks for.</summary>
internal static class FormsWorker
{
    /// <summary>The role of the process.</summary>
    public const string Role = "forms";

    private static readonly (string Option, UnrollMode Mode)[] Forms =
    [
        ("full", UnrollMode.Full),
        ("taps", UnrollMode.Taps),
        ("never", UnrollMode.Never),
        ("auto", UnrollMode.Auto),
    ];

    /// <summary>Plays the role.</summary>
    public static void Run(FormsWork work)
    {
        var (_, specification) = FormsTable.Layers.Single(layer => layer.Title == work.Layer);
        var problem = new LayerProblem(LayerSpecification.Parse(specification), LayerCase.BlockLength, FormsTable.Sparsity);
        var set = NetworkFiles.BestInstructionSet;
        var layer = LayerRounds.Measure(
            problem,
            Forms.Select(form => new Candidate(
                form.Option,
                ContenderKind.Own,
                () => new CompiledLayerContender(form.Option, problem, problem.Model, set, form.Mode)
            )),
            work.Rounds
        );
        WorkerProgram.Answer(new FormsAnswer(layer, [.. Forms.Select(form => CodeBytes(problem, set, form.Mode))]));
    }

    private static int CodeBytes(LayerProblem problem, InstructionSet set, UnrollMode mode)
    {
        var plan = ModelPlanner.Plan(
            problem.Model.Graph,
            CompiledLayerContender.Options(set, mode) with
            {
                Weights = WeightsLocation.File,
            }
        );
        return ModelAssemblyCompiler.Compile(ModelEmitter.Emit(plan), null, plan.ClassName, "").Assembly.Length;
    }
}

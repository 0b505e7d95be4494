using Subp.Compiler;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Families.IntegerConvolutions;
using Subp.Compiler.Planning;
using Subp.Core.Text;
using Subp.Core.Weights;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// The random networks of bytes of <see cref="RandomIntegerCases"/>, whose layers hints cut at random: into bands of any number of rows,
/// and tiles of any number of pixels that registers hold.
/// </summary>
internal static class RandomCutCases
{
    // The clamps of the network before the first leave nothing but zeros.
    private const int First = 23;
    private const int Count = 6;

    private static readonly InstructionSet[] s_sets = Enum.GetValues<InstructionSet>();

    /// <summary>The cases of the test suite; <see cref="RandomConformance"/> runs as many as one likes.</summary>
    public static IEnumerable<KernelCase> All() => Enumerable.Range(First, Count).Select(Case);

    /// <summary>The case of a seed.</summary>
    public static KernelCase Case(int seed)
    {
        var whole = RandomIntegerCases.Case(seed);
        var model = whole.Model with { Graph = whole.Model.Graph.With(name: $"{RandomIntegerCases.Prefix}cut-{seed}") };
        return new KernelCase(model.Graph.Name, model, UnrollMode.Auto) { Hints = Draw(model, new Random(seed)) };
    }

    /// <summary>Hints for all layers that can be cut.</summary>
    /// <param name="model">The network as a user has it.</param>
    /// <param name="random">Draws them.</param>
    public static PlanHints Draw(Model model, Random random)
    {
        var plan = ModelPlanner.Plan(PassPipeline.Pack(model).Graph, new CompileOptions { InstructionSets = s_sets });
        var hints = PlanHints.Create();
        foreach (var layer in plan.Layers.OfType<IntegerConvolutionPlan>())
        {
            if (random.Next(4) > 0)
                hints.Add(layer.Node.Name, IntegerHints.Band, IntegerHints.BandWord(random.Next(1, layer.OutputShape.Height + 1)));
            foreach (var set in s_sets.Where(_ => random.Next(3) > 0))
            {
                var most = ProductModes.Of(layer, set).Max(mode => new QuadVectors(set, mode).RegisterPixels(layer));
                hints.Add(layer.Node.Name, TileHint.KeyOf(set), TileHint.Word(1, random.Next(1, most + 1)));
            }
        }

        return hints.Build();
    }
}

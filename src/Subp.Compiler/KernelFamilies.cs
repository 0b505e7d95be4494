using Subp.Compiler.Emission;
using Subp.Compiler.Families;
using Subp.Compiler.Families.Copies;
using Subp.Compiler.Families.Elementwise;
using Subp.Compiler.Families.MatrixProducts;
using Subp.Compiler.Families.Reductions;
using Subp.Compiler.Families.Resampling;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler;

/// <summary>
/// The families of kernels for dense values, in the order in which a reader should meet them. Planning and emission know this list and no
/// family by name. Convolutions, pooling and what else computes images and vectors in layouts of their own are planned by
/// <see cref="LayerPlanner"/>.
/// </summary>
internal static class KernelFamilies
{
    /// <summary>All families.</summary>
    public static IReadOnlyList<KernelFamily> All { get; } =
    [
        // One result per position: functions of one, two or three values, with broadcasting.
        new ElementwiseFamily(),
        // Elements in other places.
        new CopyFamily(),
        // Elements combined along axes, and what is made of that.
        new ReductionFamily(),
        // Interpolation along one axis.
        new ResampleFamily(),
        // Products of matrices.
        new MatrixProductFamily(),
    ];

    /// <summary>True where a family computes a node on dense values.</summary>
    public static bool Accepts(Graph graph, GraphNode node) => All.Any(family => family.Accepts(graph, node));

    /// <summary>The plan of a node that is dense, or null where no family takes it.</summary>
    public static FamilyPlan? Plan(FamilyRequest request) =>
        request.Node.Layout == Layout.Dense
            ? All.FirstOrDefault(family => family.Accepts(request.Graph, request.Node))?.Plan(request)
            : null;

    /// <summary>Writes the tables of a layer that its kernels of all instruction sets read.</summary>
    public static void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        foreach (var family in All)
            family.WriteTables(writer, plan);
    }

    /// <summary>Writes the layer method of one instruction set.</summary>
    public static void Write(CSharpWriter writer, FamilyPlan plan, InstructionSet set)
    {
        if (!All.Any(family => family.TryWrite(writer, plan, set)))
            throw new InvalidOperationException($"No family writes the plan {plan.GetType().Name}.");
    }
}

using Subp.Compiler.Emission;
using Subp.Compiler.Families;
using Subp.Compiler.Families.ByteCopies;
using Subp.Compiler.Families.Copies;
using Subp.Compiler.Families.Elementwise;
using Subp.Compiler.Families.IntegerConvolutions;
using Subp.Compiler.Families.IntegerDepthwise;
using Subp.Compiler.Families.IntegerElementwise;
using Subp.Compiler.Families.IntegerPooling;
using Subp.Compiler.Families.MatrixProducts;
using Subp.Compiler.Families.Reductions;
using Subp.Compiler.Families.Resampling;
using Subp.Compiler.Families.TransposedConvolutions;
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
        // Bytes in and out of the layout in which integers are computed: the caller's, and floats.
        new ByteLayoutFamily(),
        // Bytes of channels in other places.
        new ChannelCopyFamily(),
        // Elements in other places.
        new CopyFamily(),
        // Elements combined along axes, and what is made of that.
        new ReductionFamily(),
        // Interpolation along one axis.
        new ResampleFamily(),
        // Products of matrices.
        new MatrixProductFamily(),
        // Convolutions that make images larger.
        new TransposedConvolutionFamily(),
        // Convolutions and linear layers of bytes and signed bytes.
        new IntegerConvolutionFamily(),
        // The same with one input channel per output.
        new IntegerDepthwiseFamily(),
        // Functions of one or two bytes.
        new IntegerElementwiseFamily(),
        // The largest byte or the mean of a window, and of an image.
        new IntegerPoolFamily(),
    ];

    /// <summary>True where a node reads or makes bytes.</summary>
    public static bool TouchesBytes(Graph graph, GraphNode node) =>
        node.Type.Quantization is not null || node.Inputs.Any(input => graph.TypeOf(input).Quantization is not null);

    /// <summary>The family that computes a node on dense values or on bytes, or null.</summary>
    public static KernelFamily? Of(Graph graph, GraphNode node)
    {
        var bytes = TouchesBytes(graph, node);
        return All.FirstOrDefault(family => family.Takes(bytes) && family.Accepts(graph, node));
    }

    /// <summary>True where a family computes a node on dense values or on bytes.</summary>
    public static bool Accepts(Graph graph, GraphNode node) => Of(graph, node) is not null;

    /// <summary>The plan of a node that is dense or touches bytes, or null where no family takes it.</summary>
    public static FamilyPlan? Plan(FamilyRequest request) =>
        request.Node.Layout == Layout.Dense || TouchesBytes(request.Graph, request.Node)
            ? Of(request.Graph, request.Node)?.Plan(request)
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

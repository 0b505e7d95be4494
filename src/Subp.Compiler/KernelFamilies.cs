using Subp.Compiler.Emission;
using Subp.Compiler.Families;
using Subp.Compiler.Families.BlockedElementwise;
using Subp.Compiler.Families.ByteCopies;
using Subp.Compiler.Families.ChannelGathers;
using Subp.Compiler.Families.Copies;
using Subp.Compiler.Families.Depthwise;
using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Families.Elementwise;
using Subp.Compiler.Families.IndexedCopies;
using Subp.Compiler.Families.IntegerConvolutions;
using Subp.Compiler.Families.IntegerDepthwise;
using Subp.Compiler.Families.IntegerElementwise;
using Subp.Compiler.Families.IntegerPooling;
using Subp.Compiler.Families.LayoutCopies;
using Subp.Compiler.Families.LinearLayers;
using Subp.Compiler.Families.MatrixProducts;
using Subp.Compiler.Families.Pooling;
using Subp.Compiler.Families.Recurrences;
using Subp.Compiler.Families.Reductions;
using Subp.Compiler.Families.Resampling;
using Subp.Compiler.Families.Selections;
using Subp.Compiler.Families.StripeCopies;
using Subp.Compiler.Families.StripedConvolutions;
using Subp.Compiler.Families.TransposedConvolutions;
using Subp.Compiler.Families.VectorSoftmax;
using Subp.Compiler.Families.WindowCopies;
using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Compiler.Planning.Layouts;
using Subp.Core.Graphs;

namespace Subp.Compiler;

/// <summary>
/// The families of kernels, in the order in which a reader should meet them. Planning and emission know this list and no family by name.
/// </summary>
internal static class KernelFamilies
{
    /// <summary>All families; of images first, then of dense values.</summary>
    public static IReadOnlyList<KernelFamily> All { get; } =
    [
        // Convolutions as sums over kept blocks and taps; block-sparse linear layers are such of one pixel.
        new DirectConvolutionFamily(),
        // Those of one tap once more, over stripes of pixels, where that layout is predicted to be faster for the network.
        new StripedConvolutionFamily(),
        // The same results by fewer multiplications, where that is predicted to be faster.
        new WinogradFamily(),
        // One filter per channel.
        new DepthwiseFamily(),
        // Maxima and means over windows.
        new PoolingFamily(),
        // Means over whole images.
        new GlobalPoolingFamily(),
        // Linear layers of dense weights.
        new LinearFamily(),
        // Element-wise steps over blocks that no convolution took in.
        new BlockedElementwiseFamily(),
        // Channels in other places.
        new ChannelGatherFamily(),
        // Rows and columns in other places.
        new WindowCopyFamily(),
        // Probabilities of classes.
        new VectorSoftmaxFamily(),
        // From one layout to another.
        new LayoutCopyFamily(),
        // From blocks of channels to stripes of pixels and back.
        new StripeCopyFamily(),
        // One result per position: functions of one, two or three values, with broadcasting.
        new ElementwiseFamily(),
        // Bytes from and to blocks of floats, between layers of bytes and of floats.
        new BlockedByteFamily(),
        // Bytes in and out of the layout in which integers are computed: the caller's, and floats.
        new ByteLayoutFamily(),
        // Bytes of channels in other places.
        new ChannelCopyFamily(),
        // Elements in other places.
        new CopyFamily(),
        // Elements at indices that the network computes.
        new IndexedCopyFamily(),
        new IndexedElementFamily(),
        // Elements combined along axes, and what is made of that.
        new ReductionFamily(),
        // The places of the best elements along an axis.
        new SelectionFamily(),
        // Interpolation along one axis.
        new ResampleFamily(),
        // Products of matrices.
        new MatrixProductFamily(),
        // States from step to step.
        new RecurrenceFamily(),
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

    /// <summary>The families that compute a node, in the order of the list.</summary>
    public static IEnumerable<KernelFamily> Of(Graph graph, GraphNode node)
    {
        var bytes = TouchesBytes(graph, node);
        return All.Where(family => family.Takes(bytes) && family.Accepts(graph, node));
    }

    /// <summary>True where a family computes a node.</summary>
    public static bool Accepts(Graph graph, GraphNode node) => Of(graph, node).Any();

    /// <summary>True where a family computes a node on dense values.</summary>
    public static bool AcceptsDense(Graph graph, GraphNode node) => Of(graph, node).Any(family => family.IsDense);

    /// <summary>True where a family computes a node on images or vectors in the layouts of those.</summary>
    public static bool AcceptsImages(Graph graph, GraphNode node) => Of(graph, node).Any(family => !family.IsDense);

    /// <summary>
    /// The ways to compute a node of a laid out graph, in the order of the list; those of dense values where it is dense.
    /// </summary>
    public static IReadOnlyList<KernelCandidate> Candidates(KernelChoices choices, GraphNode node)
    {
        var families = Of(choices.Graph, node).ToArray();
        var isDense = families.Any(family => family.IsDense) && (node.Layout == Layout.Dense || TouchesBytes(choices.Graph, node));
        // Families of dense values and of bytes do not compete: the first that accepts a node has the one kernel for it.
        return isDense
            ? [.. families.First(family => family.IsDense).Candidates(choices, node)]
            : [.. families.Where(family => !family.IsDense).SelectMany(family => family.Candidates(choices, node))];
    }

    /// <summary>What a family offers for a node of a graph in blocks if it lay in stripes; null where none does.</summary>
    public static LayoutOffer? InStripes(KernelChoices choices, GraphNode node) =>
        TouchesBytes(choices.Graph, node)
            ? null
            : All.Select(family => family.InStripes(choices, node)).FirstOrDefault(offer => offer is not null);

    /// <summary>What families have to say about a node that another one computes, or about its hints; null for nothing.</summary>
    public static string? Remark(KernelChoices choices, GraphNode node) =>
        All.Where(family => family.Takes(TouchesBytes(choices.Graph, node)))
            .Select(family => family.Remark(choices, node))
            .FirstOrDefault(remark => remark is not null);

    /// <summary>True where hints may choose the kernel of a node.</summary>
    public static bool HasChoices(Graph graph, GraphNode node) =>
        All.Any(family => family.Takes(TouchesBytes(graph, node)) && family.HasChoices(graph, node));

    /// <summary>Requires that the families of a node know the words of its hints.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: they do not.</exception>
    public static void CheckHints(Graph graph, GraphNode node, IReadOnlyDictionary<string, string> words)
    {
        foreach (var family in All.Where(family => family.Takes(TouchesBytes(graph, node)) && family.HasChoices(graph, node)))
            family.CheckHints(node, words);
    }

    /// <summary>Hints for a planned layer that are worth measuring.</summary>
    public static IEnumerable<HintCandidate> Alternatives(ModelPlan model, FamilyPlan layer, InstructionSet set) =>
        All.Where(family => family.Takes(TouchesBytes(model.Graph, layer.Node)))
            .SelectMany(family => family.Alternatives(model, layer, set));

    /// <summary>Writes the tables of a layer that its kernels of all instruction sets read.</summary>
    public static void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        foreach (var family in All)
            family.WriteTables(writer, plan);
    }

    /// <summary>Writes the layer method of one instruction set.</summary>
    public static void Write(CSharpWriter writer, FamilyPlan plan, InstructionSet set, ModelPlan model)
    {
        if (!All.Any(family => family.TryWrite(writer, plan, set, model)))
            throw new InvalidOperationException($"No family writes the plan {plan.GetType().Name}.");
    }

    /// <summary>Writes the files of methods of one instruction set that layers share.</summary>
    public static IReadOnlyList<KernelFile> WriteShared(ModelPlan model, InstructionSet set) =>
        [.. All.Select(family => family.WriteShared(model, set)).OfType<KernelFile>()];
}

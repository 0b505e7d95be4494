using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// The methods that the Winograd layers of a model share, found from the layers and the schedules: what one instruction set needs, each
/// once.
/// </summary>
internal sealed class WinogradParts
{
    private readonly ModelPlan _plan;
    private readonly List<WinogradPlan> _layers;
    private readonly List<Activation> _clips;

    /// <summary>Collects the parts of a model.</summary>
    public WinogradParts(ModelPlan plan)
    {
        _plan = plan;
        _layers = [.. plan.Layers.OfType<WinogradPlan>()];
        _clips = [.. _layers.Select(layer => layer.Convolution.Activation).Where(activation => activation.Word == "clip").Distinct()];
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<WinogradPlan> Layers => _layers;

    /// <summary>The transforms in use.</summary>
    public IEnumerable<WinogradTransform> Transforms =>
        _layers.Select(layer => layer.Transform).Distinct().OrderByDescending(transform => transform.Positions);

    /// <summary>The sizes of the blocks of tiles that any thread of any schedule meets in a layer, ascending.</summary>
    public IReadOnlyList<int> BlockSizes(WinogradPlan layer) =>
        [
            .. _plan
                .Schedules.SelectMany(schedule => schedule.Work[layer.Index])
                .SelectMany(ranges => ranges)
                .SelectMany(work => layer.BlockSizes(layer.Pool is null ? work.TileTo - work.TileFrom : layer.TileColumns))
                .Distinct()
                .OrderBy(size => size),
        ];

    /// <summary>The products that layers with a kernel of an instruction set need, by kernel.</summary>
    public IEnumerable<IGrouping<WinogradKernel, WinogradProducts>> Products(InstructionSet set) =>
        _layers
            .SelectMany(layer => BlockSizes(layer).Select(size => (Kernel: layer.Kernel(set), Products: ProductsOf(layer, size))))
            .Distinct()
            .OrderByDescending(entry => entry.Products.BlockLength)
            .ThenByDescending(entry => entry.Products.Tiles)
            .ThenBy(entry => entry.Products.Ahead)
            .ThenBy(entry => entry.Products.InStretches)
            .GroupBy(entry => entry.Kernel, entry => entry.Products);

    /// <summary>The kernel of products of a layer for blocks of some size.</summary>
    public static WinogradProducts ProductsOf(WinogradPlan layer, int tiles) =>
        new(tiles, layer.Pattern.BlockLength, layer.StreamsWeights, WinogradProducts.NeedsStretches(layer.Pattern));

    /// <summary>The epilogues in use, those of whole tiles first.</summary>
    public IEnumerable<WinogradEpilogue> Epilogues(InstructionSet set) =>
        _layers
            .SelectMany(layer =>
                NeedsEdges(layer) ? [EpilogueOf(layer, set), EpilogueOf(layer, set).Plain] : new[] { EpilogueOf(layer, set) }
            )
            .Distinct();

    /// <summary>The epilogues of layers with tiles that reach beyond the image.</summary>
    public IEnumerable<WinogradEpilogue> EdgeEpilogues(InstructionSet set) =>
        _layers.Where(NeedsEdges).Select(layer => EpilogueOf(layer, set)).Distinct();

    /// <summary>True where the last tiles of a layer reach beyond the image.</summary>
    public static bool NeedsEdges(WinogradPlan layer) =>
        layer.Pool is null
        && (layer.Output!.Height % layer.Transform.OutputSize != 0 || layer.Output.Width % layer.Transform.OutputSize != 0);

    /// <summary>The epilogue of a layer.</summary>
    public static WinogradEpilogue EpilogueOf(WinogradPlan layer, InstructionSet set) =>
        new(layer.Transform, layer.Kernel(set).Unit.Lanes, layer.Convolution.Activation, layer.Inputs.Count > 1);

    /// <summary>The end of an epilogue's method name: lanes where they are not the longest, clamp, residual.</summary>
    public string Suffix(WinogradEpilogue epilogue, InstructionSet set)
    {
        var lanes = epilogue.Lanes == VectorDialect.Longest(set).Lanes ? "" : Invariant($"Of{epilogue.Lanes}");
        var clamp = epilogue.Activation.Word switch
        {
            "none" => "",
            "clip" => Invariant($"Clip{_clips.IndexOf(epilogue.Activation)}"),
            var word => Naming.Pascal(word),
        };
        return lanes + clamp + (epilogue.HasResidual ? "Residual" : "");
    }
}

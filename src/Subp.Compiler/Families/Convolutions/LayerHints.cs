using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>
/// What the hints of a .subp file ask of one convolution. Each says one thing that the planner would else decide; what they leave open it
/// decides as ever. Hints of form, tile and loop order belong to direct kernels, so they imply one.
/// </summary>
internal sealed record LayerHints
{
    /// <summary>No hint: the planner decides everything.</summary>
    public static readonly LayerHints None = new();

    /// <summary>The hints of a layer; none where the options ask for one form of all layers.</summary>
    public static LayerHints Of(KernelChoices choices, GraphNode node) =>
        choices.ObeyedHints(node) is { } words ? HintReader.Read(node.Name, words) : None;

    /// <summary>The transform, where the layer is to be computed in the Winograd domain.</summary>
    public WinogradTransform? Transform { get; init; }

    /// <summary>True where the layer is to be computed directly.</summary>
    public bool IsDirect { get; init; }

    /// <summary>The layout of operands and result, blocks or stripes, or null.</summary>
    public Layout? Layout { get; init; }

    /// <summary>The form of unrolling, or null.</summary>
    public ConvolutionForm? Form { get; init; }

    /// <summary>Whether groups are the outer loop, or null.</summary>
    public bool? GroupOutside { get; init; }

    /// <summary>The pixels of the register tile, of the instruction sets that have a hint of their own.</summary>
    public IReadOnlyDictionary<InstructionSet, Extent> Tiles { get; init; } = new Dictionary<InstructionSet, Extent>();

    /// <summary>The pixels of the register tile of all other instruction sets, or null.</summary>
    public Extent? AnyTile { get; init; }

    /// <summary>The pixels of the register tile of an instruction set, or null.</summary>
    public Extent? TileOf(InstructionSet set) => Tiles.TryGetValue(set, out var tile) ? tile : AnyTile;
}

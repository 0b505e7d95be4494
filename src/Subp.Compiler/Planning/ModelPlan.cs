using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>Everything emission needs, decided: the seam between planning and writing C#.</summary>
public sealed record ModelPlan
{
    /// <summary>The fused and laid out graph.</summary>
    public required Graph Graph { get; init; }

    /// <summary>The graph as it came, whose parameters and structure hash the weights file has.</summary>
    public required Graph Source { get; init; }

    /// <summary>The options.</summary>
    public required CompileOptions Options { get; init; }

    /// <summary>The name of the emitted class.</summary>
    public required string ClassName { get; init; }

    /// <summary>The values in the arena.</summary>
    public required IReadOnlyList<BufferPlan> Buffers { get; init; }

    /// <summary>The length of the arena in floats.</summary>
    public required int ArenaLength { get; init; }

    /// <summary>The largest number of floats that are alive at one step: no arena can be smaller.</summary>
    public required int ArenaLowerBound { get; init; }

    /// <summary>The steps in order.</summary>
    public required IReadOnlyList<LayerPlan> Layers { get; init; }

    /// <summary>What is computed once at load.</summary>
    public required IReadOnlyList<PreparedConstant> Constants { get; init; }

    /// <summary>The length of the constants in floats.</summary>
    public required int ConstantsLength { get; init; }

    /// <summary>Floats of scratch memory that each thread of a session needs beside the arena; 0 where no kernel needs any.</summary>
    public int ScratchLength => Layers.OfType<FamilyPlan>().Select(layer => layer.ScratchLength).DefaultIfEmpty().Max();

    /// <summary>True where a value or a weight holds bytes.</summary>
    public bool IsQuantized => Source.IsQuantized;

    /// <summary>One schedule per thread count, ascending.</summary>
    public required IReadOnlyList<Schedule> Schedules { get; init; }

    /// <summary>The thread counts, ascending, among which a session chooses when nobody chose for it: those that pay on paper.</summary>
    public required IReadOnlyList<int> DefaultThreadCounts { get; init; }

    /// <summary>The shape of the input; of several that follow each other, a list of all their elements.</summary>
    public TensorShape InputShape => Joined([.. Graph.Inputs.Select(input => input.Shape)]);

    /// <summary>The shape of the output; of several that follow each other, a list of all their elements.</summary>
    public TensorShape OutputShape => Joined([.. Graph.Outputs.Select(Graph.ShapeOf)]);

    private static TensorShape Joined(TensorShape[] shapes) =>
        shapes.Length == 1 ? shapes[0] : new TensorShape(shapes.Sum(shape => shape.ElementCount));
}

using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Text;

namespace Subp.Compiler.Tests.Emission;

/// <summary>Networks of a few layers whose emitted files are compared with snapshots.</summary>
internal static class SnapshotNetwork
{
    /// <summary>Emits a network for one thread.</summary>
    /// <param name="input">The shape of its input.</param>
    /// <param name="layers">Adds its layers behind a value and names the last. The layer of the snapshot is "layer" or "act".</param>
    /// <param name="sets">The instruction sets; the portable one is emitted beside them.</param>
    /// <param name="unroll">The form of sparse convolutions.</param>
    /// <param name="hints">Hints of the plan.</param>
    public static IReadOnlyList<EmittedFile> Emit(
        TensorShape input,
        Func<GraphBuilder, string, string> layers,
        IReadOnlyList<InstructionSet> sets,
        UnrollMode unroll = UnrollMode.Auto,
        PlanHints? hints = null
    )
    {
        var builder = new GraphBuilder("net");
        builder.Output(layers(builder, builder.Input(input.IsImage ? "image" : "features", input)));
        var options = new CompileOptions
        {
            InstructionSets = sets,
            Unroll = unroll,
            ThreadCounts = [1],
            Hints = hints ?? PlanHints.Empty,
        };
        return ModelEmitter.Emit(ModelPlanner.Plan(builder.Build(), options));
    }

    /// <summary>The text of one file.</summary>
    /// <param name="files">What was emitted.</param>
    /// <param name="part">What stands between class and extension in the file's name; null for that of the layer "layer" or "act".</param>
    public static string Select(IReadOnlyList<EmittedFile> files, string? part) =>
        files
            .Single(file =>
                part is null
                    ? file.Name.EndsWith("_Layer.cs", StringComparison.Ordinal) || file.Name.EndsWith("_Act.cs", StringComparison.Ordinal)
                    : file.Name == $"Net.{part}.cs"
            )
            .Text;

    /// <summary>A file without its class of one instruction set.</summary>
    public static string Without(InstructionSet set, string text)
    {
        var start = text.IndexOf($"\n    private static unsafe partial class {set}\n", StringComparison.Ordinal);
        if (start < 0)
            return text;
        const string Closing = "\n    }\n";
        var end = text.IndexOf(Closing, start, StringComparison.Ordinal) + Closing.Length;
        return text[..start].TrimEnd('\n') + "\n" + text[end..];
    }
}

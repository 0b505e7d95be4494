using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Xunit;

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

    /// <summary>The text of a file, or of the files of a layer or of what layers share, one behind the other.</summary>
    /// <param name="files">What was emitted.</param>
    /// <param name="part">What stands behind the class in the names of the files; null for that of the layer "layer" or "act".</param>
    /// <param name="sets">The instruction sets whose files are asked for, where there is one for each.</param>
    public static string Select(IReadOnlyList<EmittedFile> files, string? part, IReadOnlyList<InstructionSet> sets)
    {
        var texts = files.Where(file => IsAsked(file.Name.Split('.'))).Select(file => file.Text).ToArray();
        Assert.NotEmpty(texts);
        return string.Join("\n", texts);

        bool IsAsked(string[] words) =>
            (
                part is null
                    ? words[1].EndsWith("_Layer", StringComparison.Ordinal) || words[1].EndsWith("_Act", StringComparison.Ordinal)
                    : words[1] == part
            ) && (words.Length == 3 || words[2] == "Tables" || sets.Any(set => words[2] == set.ToString()));
    }

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

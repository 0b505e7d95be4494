using System.Text;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Fuzzing.Mutations;
using Subp.Testing;

namespace Subp.Fuzzing.Targets;

/// <summary>The parser of .subp text. What it accepts must be a verified graph that is printed and parsed to the same text again.</summary>
public sealed class SubpTextTarget : FuzzTarget
{
    private const int RandomNetworks = 24;

    /// <inheritdoc/>
    public override string Name => "subp";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Samples { get; } =
    [
        .. Enumerable
            .Range(1, RandomNetworks)
            .Select(seed => Encoding.UTF8.GetBytes(Text(RandomGraph.Create(seed).Graph, withHash: seed % 4 == 0))),
        .. QuantizedNetworks.All.Select(model => Encoding.UTF8.GetBytes(Text(model.Graph))),
    ];

    /// <summary>The text of a graph. Without the line of the structure hash, changes of the structure reach the rules behind it.</summary>
    internal static string Text(Graph graph, bool withHash = false)
    {
        var lines = SubpPrinter.Print(new SubpDocument(graph)).Split('\n');
        return string.Join('\n', lines.Where(line => withHash || !line.StartsWith("structure ", StringComparison.Ordinal)));
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] sample, Random random) =>
        random.Next(4) == 0
            ? ByteMutations.Apply(sample, Samples[random.Next(Samples.Count)], random)
            : TextMutations.Apply(sample, random);

    /// <inheritdoc/>
    public override object Read(byte[] bytes) => SubpParser.Parse(Encoding.UTF8.GetString(bytes), "net.subp");

    /// <inheritdoc/>
    public override void Check(object result)
    {
        var document = (SubpDocument)result;
        GraphVerifier.Verify(document.Graph);
        var text = SubpPrinter.Print(document);
        if (SubpPrinter.Print(SubpParser.Parse(text, "printed.subp")) != text)
            throw new InvalidDataException("The printed text does not come back from the parser.");
    }
}

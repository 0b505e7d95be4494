using System.Globalization;
using System.Text;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Core.Text;

/// <summary>Writes the canonical .subp text: one way to write each graph, LF line ends, the same bytes in every culture.</summary>
public static class SubpPrinter
{
    /// <summary>The version of the text form that is written and read.</summary>
    public const int Version = 1;

    /// <summary>The text of a whole document, structure hash included.</summary>
    public static string Print(SubpDocument document)
    {
        var graph = document.Graph;
        var text = new StringBuilder();
        text.Append("subp ").Append(Version.ToString(CultureInfo.InvariantCulture)).Append("\nmodel ");
        SubpCharacters.AppendName(text, graph.Name);
        text.Append("\nstructure sha256:").Append(StructureHash.Compute(graph)).Append('\n');
        if (document.WeightsHash is not null)
            text.Append("weights sha256:").Append(document.WeightsHash).Append('\n');
        AppendMetadata(text, graph.Metadata);
        AppendStructure(text, graph, withLayouts: true);
        AppendHints(text, document.Hints);
        return text.ToString();
    }

    /// <summary>The text of a graph without weights hash and hints, as dumped after a pass.</summary>
    public static string Print(Graph graph) => Print(new SubpDocument(graph));

    internal static void AppendStructure(StringBuilder text, Graph graph, bool withLayouts)
    {
        foreach (var input in graph.Inputs)
        {
            text.Append("input ");
            SubpCharacters.AppendName(text, input.Name);
            text.Append(": ").Append(TypeText.Write(input.Type)).Append(input.Shape).Append('\n');
        }

        foreach (var parameter in graph.Parameters)
        {
            text.Append("param ");
            SubpCharacters.AppendName(text, parameter.Name);
            text.Append(": ").Append(ElementTypes.Word(parameter.Element)).Append(parameter.Shape);
            if (parameter.Bits is { } bits)
                text.Append(" bits ").Append(bits.ToString(CultureInfo.InvariantCulture));
            if (parameter.Pattern is not null)
                AppendPattern(text, parameter.Pattern);
            text.Append('\n');
        }

        foreach (var node in graph.Nodes)
            AppendNode(text, node, withLayouts);
        foreach (var output in graph.Outputs)
        {
            text.Append("output ");
            SubpCharacters.AppendName(text, output);
            text.Append('\n');
        }
    }

    private static void AppendPattern(StringBuilder text, BlockPattern pattern)
    {
        text.Append(" sparse 1x").Append(pattern.BlockLength.ToString(CultureInfo.InvariantCulture));
        for (var group = 0; group < pattern.Groups; group++)
        {
            text.Append("\n  group ").Append(group.ToString(CultureInfo.InvariantCulture)).Append(':');
            foreach (var channel in pattern.Kept(group))
                text.Append(' ').Append(channel.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void AppendNode(StringBuilder text, GraphNode node, bool withLayout)
    {
        text.Append("node ");
        SubpCharacters.AppendName(text, node.Name);
        text.Append(": ").Append(TypeText.Write(node.Type)).Append(node.Shape);
        if (withLayout && node.Layout != Layout.Nchw)
            text.Append(' ').Append(LayoutText.Write(node.Layout));
        text.Append(" = ").Append(node.Operator.Mnemonic).Append('(');
        for (var index = 0; index < node.Inputs.Count; index++)
        {
            if (index > 0)
                text.Append(", ");
            SubpCharacters.AppendName(text, node.Inputs[index]);
        }

        text.Append(')');
        foreach (var use in node.Operator.Parameters)
        {
            text.Append(' ').Append(use.Role).Append('=');
            SubpCharacters.AppendName(text, use.Name);
        }

        node.Operator.WriteAttributes(new AttributePrinter(text));
        text.Append('\n');
    }

    private static void AppendMetadata(StringBuilder text, ModelMetadata metadata)
    {
        if (metadata.ClassNames.Count > 0)
        {
            text.Append("classes");
            foreach (var name in metadata.ClassNames)
            {
                text.Append(' ');
                SubpCharacters.AppendQuoted(text, name);
            }

            text.Append('\n');
        }

        if (metadata.NormalizationMean.Count > 0 || metadata.NormalizationDeviation.Count > 0)
        {
            text.Append("normalize mean [")
                .Append(string.Join(",", metadata.NormalizationMean.Select(FloatText.Format)))
                .Append("] deviation [")
                .Append(string.Join(",", metadata.NormalizationDeviation.Select(FloatText.Format)))
                .Append("]\n");
        }
    }

    private static void AppendHints(StringBuilder text, PlanHints hints)
    {
        foreach (var node in hints.Nodes)
        {
            text.Append("hint ");
            SubpCharacters.AppendName(text, node);
            foreach (var hint in hints.Of(node))
                text.Append(' ').Append(hint.Key).Append('=').Append(hint.Value);
            text.Append('\n');
        }
    }

    private sealed class AttributePrinter(StringBuilder text) : IAttributeWriter
    {
        public void Write(string key, int value) => Append(key, value.ToString(CultureInfo.InvariantCulture));

        public void Write(string key, params int[] values) =>
            Append(key, "[" + string.Join(",", values.Select(value => value.ToString(CultureInfo.InvariantCulture))) + "]");

        public void Write(string key, float value) => Append(key, FloatText.Format(value));

        public void WriteReals(string key, IReadOnlyList<float> values) =>
            Append(key, "[" + string.Join(",", values.Select(FloatText.Format)) + "]");

        public void Write(string key, string word) => Append(key, word);

        private void Append(string key, string value) => text.Append(' ').Append(key).Append('=').Append(value);
    }
}

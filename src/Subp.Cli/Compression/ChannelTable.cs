using Subp.Compression.Channels;
using Subp.Tooling.Text;

namespace Subp.Cli.Compression;

/// <summary>Prints what became of the channels of a network.</summary>
internal static class ChannelTable
{
    private const int MostLayers = 3;

    /// <summary>Prints a row for each group of channels.</summary>
    /// <param name="output">Where.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="notRestored">The layers that the form which was asked for does not restore.</param>
    public static void Write(TextWriter output, IReadOnlyList<ChannelGroupOutcome> groups, IReadOnlyList<string> notRestored)
    {
        var table = new TextTable("channels of", ">before", ">asked", ">after", "why they stay");
        foreach (var group in groups)
        {
            var more = group.Layers.Count > MostLayers ? FormattableString.Invariant($" and {group.Layers.Count - MostLayers} more") : "";
            table.Add(
                string.Join(", ", group.Layers.Take(MostLayers)) + more,
                Figures.Count(group.Before),
                group.Reason is null ? Figures.Count(group.Asked) : "",
                Figures.Count(group.After),
                group.Reason ?? ""
            );
        }

        table.Write(output);
        if (notRestored.Count > 0)
            output.WriteLine(
                "not restored, since no one layer makes their channels, nothing is known of these, or their weights serve others: "
                    + string.Join(", ", notRestored)
            );
    }
}

using System.Globalization;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;

namespace Subp.Core.Text;

/// <summary>Reads the pattern behind <c>sparse</c>: the block, and one line per group with the kept input channels.</summary>
internal static class PatternParser
{
    /// <summary>Reads the rest of the parameter's line and the group lines after it.</summary>
    /// <returns>Whether there is another line after the groups; the scanner stands on it.</returns>
    public static bool Parse(SubpScanner scanner, string parameter, TensorShape shape, string location, out BlockPattern pattern)
    {
        var length = BlockLength(scanner);
        scanner.ExpectEnd();
        if (shape.Rank is not (2 or 4))
            throw Invalid(location, $"a pattern for the shape {shape} of '{parameter}'", "two or four dimensions");
        try
        {
            BlockPattern.RequireDivisible(parameter, shape[0], length);
        }
        catch (SubpException exception)
        {
            throw SubpScanner.Located(location, exception);
        }

        var groups = new List<int[]>();
        var more = scanner.NextLine();
        for (; more && scanner.StartsWith("group"); more = scanner.NextLine())
        {
            scanner.ExpectWord("group");
            var column = scanner.Column;
            var index = scanner.Integer("the number of the group");
            if (index != groups.Count)
                throw Invalid(scanner.LocationAt(column), Invariant("group {0}", index), Invariant("group {0}", groups.Count));
            if (index >= shape[0] / length)
                throw Invalid(scanner.LocationAt(column), Invariant("group {0}", index), Invariant("{0} groups", shape[0] / length));
            scanner.Expect(':');
            groups.Add(Channels(scanner, shape[1]));
        }

        if (groups.Count != shape[0] / length)
            throw Invalid(location, Invariant("{0} groups", groups.Count), Invariant("{0} groups, one line each", shape[0] / length));
        pattern = new BlockPattern(length, shape[1], groups);
        return more;
    }

    private static int BlockLength(SubpScanner scanner)
    {
        const string Expected = "the block, for example 1x16";
        var column = scanner.Column;
        var word = scanner.Word(Expected);
        return
            word.Length > 2
            && word[0] == '1'
            && word[1] == 'x'
            && int.TryParse(word.Substring(2), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw scanner.ErrorAt(column, SubpScanner.Quote(word), Expected);
    }

    private static int[] Channels(SubpScanner scanner, int inputChannels)
    {
        var channels = new List<int>();
        scanner.Ascending(channels, inputChannels);
        var previous = channels.Count > 0 ? channels[channels.Count - 1] : -1;
        // What is left is a comment, or a number that must be complained about.
        while (!scanner.AtEnd)
        {
            var column = scanner.Column;
            var channel = scanner.Integer("an input channel");
            if (channel <= previous || channel >= inputChannels)
                throw Invalid(
                    scanner.LocationAt(column),
                    Invariant("input channel {0}", channel),
                    channel <= previous ? Invariant("one above {0}", previous) : Invariant("one below {0}", inputChannels)
                );
            channels.Add(channel);
            previous = channel;
        }

        return [.. channels];
    }

    private static string Invariant(string format, int value) => string.Format(CultureInfo.InvariantCulture, format, value);

    private static SubpException Invalid(string location, string found, string expected) =>
        new(DiagnosticDescriptors.InvalidPattern, location, found, expected);
}

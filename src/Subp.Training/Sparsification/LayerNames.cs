using System.IO.Enumeration;
using Subp.Core.Diagnostics;
using Subp.Core.Text;

namespace Subp.Training.Sparsification;

/// <summary>Layers named by patterns, with * for any text and ? for any letter; upper and lower case differ.</summary>
public static class LayerNames
{
    private const int MostListed = 8;

    /// <summary>Whether a pattern covers a name.</summary>
    public static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    /// <summary>Whether one of the patterns covers a name.</summary>
    public static bool Matches(IReadOnlyList<string> patterns, string name) => patterns.Any(pattern => Matches(pattern, name));

    /// <summary>Requires every pattern to cover at least one name, so that a typing error is not silently ignored.</summary>
    /// <param name="option">The option that holds the patterns, for the message.</param>
    /// <param name="patterns">The patterns.</param>
    /// <param name="names">The names there are.</param>
    /// <exception cref="SubpException">SUBP0511 for the first pattern without a layer; it suggests the nearest name.</exception>
    public static void RequireKnown(string option, IEnumerable<string> patterns, IReadOnlyList<string> names)
    {
        foreach (string pattern in patterns)
        {
            if (names.Any(name => Matches(pattern, name)))
                continue;

            string suggestion = Spelling.Nearest(pattern, names) is { } nearest
                ? $"Did you mean '{nearest}'?"
                : $"There are: {List(names)}.";
            throw new SubpException(
                DiagnosticDescriptors.UnknownLayerName,
                option,
                $"'{pattern}'",
                "the name of a convolution or linear layer, * allowed",
                suggestion
            );
        }
    }

    private static string List(IReadOnlyList<string> names)
    {
        string listed = string.Join(", ", names.Take(MostListed));
        return names.Count > MostListed ? FormattableString.Invariant($"{listed} and {names.Count - MostListed} more") : listed;
    }
}

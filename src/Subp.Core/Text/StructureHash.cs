using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Subp.Core.Graphs;

namespace Subp.Core.Text;

/// <summary>
/// Identifies what emitted code depends on: inputs, parameters with their patterns, nodes and outputs. Name, metadata, weights, layouts and
/// hints have no part in it, so that re-trained weights of the same pattern, or another tuning, keep the hash.
/// </summary>
public static class StructureHash
{
    /// <summary>The sha256 of the canonical text of the structure, as 64 lower-case hex digits.</summary>
    public static string Compute(Graph graph)
    {
        // Two threads may both compute it; they store the same text.
        if (graph.KnownStructureHash is { } known)
            return known;
        var text = new StringBuilder();
        SubpPrinter.AppendStructure(text, graph, withLayouts: false);
        return graph.KnownStructureHash = Hex(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>The sha256 of some bytes, as 64 lower-case hex digits.</summary>
    public static string Hex(byte[] bytes)
    {
        using var sha = SHA256.Create();
        var hex = new StringBuilder(64);
        foreach (var value in sha.ComputeHash(bytes))
            hex.Append(value.ToString("x2", CultureInfo.InvariantCulture));
        return hex.ToString();
    }
}

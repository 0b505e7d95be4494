using Subp.Compiler.Passes;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Xunit;

namespace Subp.Compiler.Tests.Passes;

/// <summary>Runs a pass on .subp text. The text begins with the first <c>input</c> line; version, name and hash are left out.</summary>
internal static class PassText
{
    /// <summary>Requires a pass to rewrite one network into another.</summary>
    public static void Becomes(this GraphPass pass, string before, string after)
    {
        var graph = pass.Run(Parse(before));
        GraphVerifier.Verify(graph);
        Assert.Equal(after.ReplaceLineEndings("\n") + "\n", Print(graph));
    }

    /// <summary>Requires a pass to hand back the very network it was given.</summary>
    public static void LeavesAlone(this GraphPass pass, string text)
    {
        var graph = Parse(text);
        Assert.Same(graph, pass.Run(graph));
    }

    /// <summary>The network of some text.</summary>
    public static Graph Parse(string text) => SubpParser.Parse("subp 1\nmodel net\n" + text, "net.subp").Graph;

    private static string Print(Graph graph)
    {
        var text = SubpPrinter.Print(graph);
        return text[text.IndexOf("\ninput ", StringComparison.Ordinal)..][1..];
    }
}

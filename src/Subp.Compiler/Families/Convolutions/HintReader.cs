using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>Reads the words of hints. Whether a layer can do what they ask is for the planner to say.</summary>
internal static class HintReader
{
    /// <summary>The keys.</summary>
    public const string Algorithm = "algorithm",
        Form = "form",
        Layout = "layout",
        Loop = "loop";

    private const string Direct = "direct";

    private static readonly Dictionary<string, WinogradTransform> s_transforms = new(StringComparer.Ordinal)
    {
        ["winograd2"] = WinogradTransform.Two,
        ["winograd4"] = WinogradTransform.Four,
        ["winograd4x4"] = WinogradTransform.FourByFour,
    };

    private static readonly Dictionary<string, ConvolutionForm> s_forms = new(StringComparer.Ordinal)
    {
        ["line"] = ConvolutionForm.StraightLine,
        ["taps"] = ConvolutionForm.TapUnrolled,
        ["table"] = ConvolutionForm.Table,
    };

    private static readonly Dictionary<string, bool> s_loops = new(StringComparer.Ordinal) { ["groups"] = true, ["bands"] = false };

    private static readonly Dictionary<string, Layout> s_layouts = new(StringComparer.Ordinal)
    {
        ["blocks"] = Core.Graphs.Layout.Blocked16,
        ["stripes"] = Core.Graphs.Layout.Stripes16,
    };

    private static string[] Keys => [Algorithm, Form, Layout, Loop, .. TileHint.Keys];

    /// <summary>The word of a form.</summary>
    public static string FormWord(ConvolutionForm form) => s_forms.First(entry => entry.Value == form).Key;

    /// <summary>The word of an algorithm: a transform, or none for direct summation.</summary>
    public static string AlgorithmWord(WinogradTransform? transform) =>
        transform is null ? Direct : s_transforms.First(entry => entry.Value == transform).Key;

    /// <summary>The word of a loop order.</summary>
    public static string LoopWord(bool groupOutside) => s_loops.First(entry => entry.Value == groupOutside).Key;

    /// <summary>The hints of one layer.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="words">Its hints: words under keys.</param>
    /// <exception cref="SubpException">SUBP0605: a key or a word is not known, or hints contradict each other.</exception>
    public static LayerHints Read(string node, IReadOnlyDictionary<string, string> words)
    {
        var result = LayerHints.None;
        var tiles = new Dictionary<InstructionSet, Extent>();
        Extent? anyTile = null;
        var directKey = "";
        foreach (var entry in words)
        {
            var (key, word) = (entry.Key, entry.Value);
            directKey = key is Algorithm or Layout ? directKey : key;
            switch (key)
            {
                case Algorithm when word == Direct:
                    result = result with { IsDirect = true };
                    break;
                case Algorithm:
                    result = result with { Transform = Known(node, key, word, s_transforms, Direct) };
                    break;
                case Form:
                    result = result with { Form = Known(node, key, word, s_forms) };
                    break;
                case Layout:
                    result = result with { Layout = Known(node, key, word, s_layouts) };
                    break;
                case Loop:
                    result = result with { GroupOutside = Known(node, key, word, s_loops) };
                    break;
                default:
                    if (!TileHint.TryRead(node, key, word, tiles, ref anyTile))
                        throw TileHint.UnknownKey(node, key, Keys);
                    break;
            }
        }

        if (result.Transform is not null && directKey.Length > 0)
            throw HintedNodes.Misfit(
                node,
                $"{Algorithm}={words[Algorithm]} beside {directKey}={words[directKey]}",
                "form, loop and tile with direct kernels only"
            );
        if (result.Layout == Core.Graphs.Layout.Stripes16 && words.Keys.FirstOrDefault(key => key != Layout) is { } other)
            throw HintedNodes.Misfit(
                node,
                $"{Layout}={words[Layout]} beside {other}={words[other]}",
                "such hints for a layer in blocks only"
            );
        return result with { Tiles = tiles, AnyTile = anyTile, IsDirect = result.IsDirect || directKey.Length > 0 };
    }

    private static T Known<T>(string node, string key, string word, Dictionary<string, T> known, params string[] more) =>
        known.TryGetValue(word, out var value)
            ? value
            : throw new SubpException(
                DiagnosticDescriptors.InvalidHint,
                $"hint of '{node}'",
                $"{key}={word}",
                $"one of {string.Join(", ", more.Concat(known.Keys))}",
                Spelling.Suggest(word, more.Concat(known.Keys))
            );
}

using System.Text.RegularExpressions;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Replaces the classes of intrinsics in emitted C#, which names each behind the alias <c>X86</c>. It works on the text, since parsing and
/// printing all files of a network took three tenths of compiling them; an instruction that were named in another way would be left
/// as it is and throw where the processor lacks it.
/// </summary>
internal sealed class IntrinsicsRewriter
{
    private readonly Regex _replaced;
    private readonly string _target;

    /// <summary>Creates a rewriter.</summary>
    /// <param name="target">The namespace of the classes that take the places.</param>
    /// <param name="replaced">The names of the classes.</param>
    public IntrinsicsRewriter(string target, IEnumerable<string> replaced)
    {
        _target = $"global::{target}.$1.";
        _replaced = new Regex($@"\bX86::({string.Join('|', replaced)})\.", RegexOptions.CultureInvariant);
    }

    /// <summary>The text with the classes replaced.</summary>
    public string Rewrite(string text) => _replaced.Replace(text, _target);
}

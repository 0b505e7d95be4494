using System.Text;

namespace Subp.Core.Diagnostics;

/// <summary>
/// One finding, in the four parts every message of this product has: where, what was found, what was expected, what to do.
/// </summary>
/// <param name="Descriptor">The kind of finding.</param>
/// <param name="Location">Where: <c>file(line,column)</c>, a layer, a tensor or an option. Never a path the user did not give.</param>
/// <param name="Found">What was found, as a noun phrase.</param>
/// <param name="Expected">What was expected, as a noun phrase; empty where the title says it all.</param>
/// <param name="Action">What the user can do, as one sentence; empty where nothing but mending the input helps.</param>
public sealed record Diagnostic(DiagnosticDescriptor Descriptor, string Location, string Found, string Expected = "", string Action = "")
{
    /// <summary>
    /// What was found, what was expected and what to do, without place, severity and id: for reports that have columns of their own for
    /// these.
    /// </summary>
    public string Message
    {
        get
        {
            var text = new StringBuilder();
            AppendMessage(text);
            return text.ToString();
        }
    }

    /// <summary>The whole message on one line, in the form build tools parse: <c>place: severity ID: text</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Location.Length > 0)
            text.Append(Location).Append(": ");
        text.Append(
            Descriptor.Severity switch
            {
                DiagnosticSeverity.Error => "error ",
                DiagnosticSeverity.Warning => "warning ",
                _ => "info ",
            }
        );
        text.Append(Descriptor.Id).Append(": ");
        AppendMessage(text);
        return text.ToString();
    }

    private void AppendMessage(StringBuilder text)
    {
        text.Append(Descriptor.Title);
        if (Found.Length > 0)
            text.Append(": found ").Append(Found);
        if (Expected.Length > 0)
            text.Append(Found.Length > 0 ? ", expected " : ": expected ").Append(Expected);
        text.Append('.');
        if (Action.Length > 0)
            text.Append(' ').Append(Action);
    }
}

using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.SourceGenerator.Items;

namespace Subp.SourceGenerator.Reporting;

/// <summary>
/// Gives the findings about one item their places: line and column in the .subp file, or the project file for what is wrong in the item.
/// </summary>
internal sealed class Reporter(ModelItem item)
{
    private readonly string _text = item.Text ?? "";

    /// <summary>The place of the weights line, in the form the parser uses.</summary>
    public string WeightsPlace => LineStarting("weights ") is var line and > 0 ? Located(line) : "";

    /// <summary>A finding with its place.</summary>
    public Finding Finding(Diagnostic diagnostic)
    {
        var id = diagnostic.Descriptor.Id;
        if (ReadLocation(diagnostic.Location) is { } place)
            return new Finding(id, diagnostic.Message, place);
        var message = diagnostic.Location.Length == 0 ? diagnostic.Message : $"{diagnostic.Location}: {diagnostic.Message}";
        return id is "SUBP1003" or "SUBP1004" or "SUBP1008"
            ? new Finding(id, message, ProjectPlace, new Subject(SubjectKind.Item, item.Settings.Name))
            : new Finding(id, message, LayerPlace(diagnostic.Location));
    }

    private Place ProjectPlace => Place.StartOf(item.Settings.ProjectPath.Length > 0 ? item.Settings.ProjectPath : item.Path);

    /// <summary>The node line of a layer that a message names, or the start of the .subp file.</summary>
    private Place LayerPlace(string location)
    {
        const string Prefix = "layer '";
        if (!location.StartsWith(Prefix, StringComparison.Ordinal) || !location.EndsWith("'", StringComparison.Ordinal))
            return Place.StartOf(item.Path);
        var start = new StringBuilder("node ");
        SubpCharacters.AppendName(start, location.Substring(Prefix.Length, location.Length - Prefix.Length - 1));
        var line = LineStarting(start.Append(':').ToString());
        return line == 0 ? Place.StartOf(item.Path) : At(line, 1);
    }

    private string Located(int line) => string.Format(CultureInfo.InvariantCulture, "{0}({1},1)", item.Settings.Name, line);

    /// <summary>Reads <c>file(line,column)</c> where the file is the item's; null for any other text.</summary>
    private Place? ReadLocation(string location)
    {
        var prefix = item.Settings.Name + "(";
        if (!location.StartsWith(prefix, StringComparison.Ordinal) || !location.EndsWith(")", StringComparison.Ordinal))
            return null;
        var numbers = location.Substring(prefix.Length, location.Length - prefix.Length - 1).Split(',');
        return
            numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var column)
            ? At(line, column)
            : null;
    }

    /// <summary>The number of the first line that starts so, from 1; 0 where none does.</summary>
    private int LineStarting(string start)
    {
        var line = 1;
        for (var position = 0; position < _text.Length; line++)
        {
            if (string.CompareOrdinal(_text, position, start, 0, start.Length) == 0)
                return line;
            var end = _text.IndexOf('\n', position);
            position = end < 0 ? _text.Length : end + 1;
        }

        return 0;
    }

    /// <summary>From a column to the end of its line.</summary>
    private Place At(int line, int column)
    {
        var start = 0;
        for (var number = 1; number < line && start < _text.Length; number++)
        {
            var next = _text.IndexOf('\n', start);
            start = next < 0 ? _text.Length : next + 1;
        }

        var end = _text.IndexOf('\n', start);
        end = end < 0 ? _text.Length : end;
        if (end > start && _text[end - 1] == '\r')
            end--;
        var from = Math.Min(start + column - 1, end);
        return new Place(
            item.Path,
            TextSpan.FromBounds(from, end),
            new LinePositionSpan(new LinePosition(line - 1, from - start), new LinePosition(line - 1, end - start))
        );
    }
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Subp.SourceGenerator.Reporting;

/// <summary>A diagnostic as a value, which a pipeline can compare. Roslyn's own hold references to trees and compilations.</summary>
/// <param name="Id">The id, a key of the table.</param>
/// <param name="Message">The message.</param>
/// <param name="Place">Where.</param>
/// <param name="Subject">What in the project file it is about.</param>
internal sealed record Finding(string Id, string Message, Place Place, Subject Subject = default)
{
    /// <summary>The folder with the pages about diagnostics; empty where there is none.</summary>
    public string Pages { get; init; } = "";

    /// <summary>The same for Roslyn.</summary>
    public Diagnostic ToDiagnostic() => Diagnostic.Create(Rules.Of(Id, Pages), Place.ToLocation(), Message);
}

/// <summary>A place in a file that is no C#: the .subp file or the project file.</summary>
/// <param name="Path">The file; empty where there is none.</param>
/// <param name="Span">The characters.</param>
/// <param name="Lines">The same in lines and columns, from 0.</param>
internal readonly record struct Place(string Path, TextSpan Span, LinePositionSpan Lines)
{
    /// <summary>The start of a file.</summary>
    public static Place StartOf(string path) => new(path, default, default);

    /// <summary>The same for Roslyn.</summary>
    public Location ToLocation() => Path.Length == 0 ? Location.None : Location.Create(Path, Span, Lines);
}

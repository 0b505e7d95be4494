namespace Subp.SourceGenerator.Reporting;

/// <summary>
/// What in the project file a finding is about. Its line is looked up late, so that an edit of the project file compiles no model again.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The file of an item, or the name of a property.</param>
internal readonly record struct Subject(SubjectKind Kind, string Name);

/// <summary>The kinds of subjects.</summary>
internal enum SubjectKind
{
    /// <summary>Nothing in the project file: the place is known.</summary>
    None,

    /// <summary>A SubpModel item.</summary>
    Item,

    /// <summary>A property, or the first model where it is not written.</summary>
    Property,
}

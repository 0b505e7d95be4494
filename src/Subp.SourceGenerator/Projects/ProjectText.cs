using Subp.SourceGenerator.Reporting;

namespace Subp.SourceGenerator.Projects;

/// <summary>What the text of the project file tells: misspelt names, and where the things stand that findings are about.</summary>
/// <param name="Path">The project file.</param>
/// <param name="Misspelt">The findings in the file itself.</param>
/// <param name="Items">The SubpModel items, one entry for each file or pattern of an Include.</param>
/// <param name="Properties">The properties that emitted code depends on, as far as they are written there.</param>
internal sealed record ProjectText(
    string Path,
    EquatableArray<Finding> Misspelt,
    EquatableArray<NamedPlace> Items,
    EquatableArray<NamedPlace> Properties
)
{
    private static readonly char[] s_patterns = ['*', '?', '$', '@', '%'];

    /// <summary>Without a project file.</summary>
    public static ProjectText None { get; } =
        new("", EquatableArray<Finding>.Empty, EquatableArray<NamedPlace>.Empty, EquatableArray<NamedPlace>.Empty);

    /// <summary>The same finding at the line of its subject, where the project file shows one.</summary>
    public Finding Place(Finding finding) =>
        finding.Subject.Kind switch
        {
            SubjectKind.Item => finding with { Place = PlaceOfItem(finding.Subject.Name) ?? finding.Place },
            SubjectKind.Property => finding with { Place = PlaceOfProperty(finding.Subject.Name) ?? finding.Place },
            _ => finding,
        };

    /// <summary>The name of a file as Include and MSBuild both may write it.</summary>
    public static string Normal(string name) => name.Trim().Replace('\\', '/');

    // An item of a pattern or of a property cannot be told from its text; it is the one that can be meant, or nothing is said.
    private Place? PlaceOfItem(string name)
    {
        var wanted = Normal(name);
        var exact = Items.FirstOrDefault(item => item.Name == wanted);
        if (exact is not null)
            return exact.Place;
        var candidates = Items.Where(item => item.Name.IndexOfAny(s_patterns) >= 0).ToArray();
        return candidates.Length == 1 ? candidates[0].Place : null;
    }

    // A property that is not written is missed by the models of the project.
    private Place? PlaceOfProperty(string name) =>
        (
            Properties.FirstOrDefault(property => property.Name == name)
            ?? Properties.FirstOrDefault(property => property.Name == name + "s")
            ?? Items.FirstOrDefault()
        )?.Place;
}

/// <summary>Something in the project file with its place.</summary>
/// <param name="Name">The file of an item, or the name of a property.</param>
/// <param name="Place">Where its element begins.</param>
internal sealed record NamedPlace(string Name, Place Place);

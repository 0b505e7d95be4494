using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Subp.SourceGenerator.Models;

namespace Subp.SourceGenerator.Projects;

/// <summary>Finds names that two models claim, or a model and a type that the project declares itself.</summary>
internal static class TakenNames
{
    /// <summary>The names in dispute, in the order of the models, each with who else claims it.</summary>
    public static EquatableArray<TakenName> Find(IEnumerable<ModelNames> models, Compilation compilation)
    {
        var taken = new List<TakenName>();
        // Roslyn tells generated files apart without regard to case, and so do many file systems; one clash ends generation for all models.
        var classes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var model in models)
        {
            if (model.FullName.Length == 0)
                continue;
            if (Other(classes, model.FullName) is { } other)
                taken.Add(new TakenName(model.Item, $"a second model with the class {other}"));
            else if (IsDeclared(compilation, model.FullName))
                taken.Add(new TakenName(model.Item, $"a type '{model.FullName}' that the project declares"));
            else if (model.WeightsFile.Length > 0 && Other(files, model.WeightsFile) is { } file)
                taken.Add(new TakenName(model.Item, $"a second model with the weights file {file}"));
        }

        return new EquatableArray<TakenName>(taken);
    }

    // What a name clashes with, quoted; null where it is the first, which then has it.
    private static string? Other(Dictionary<string, string> names, string name)
    {
        if (names.TryGetValue(name, out var first))
            return first == name ? $"'{name}'" : $"'{name}', which differs from '{first}' in case only";
        names.Add(name, name);
        return null;
    }

    // A partial class of that name adds members to the emitted one, which is what partial classes are for.
    private static bool IsDeclared(Compilation compilation, string fullName) =>
        compilation.Assembly.GetTypeByMetadataName(fullName) is { } type
        && !type.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax() is ClassDeclarationSyntax declaration
            && declaration.Modifiers.Any(modifier => modifier.ValueText == "partial")
        );
}

/// <summary>A model whose name somebody else has.</summary>
/// <param name="Item">The path of the .subp file.</param>
/// <param name="Found">Who has it.</param>
internal sealed record TakenName(string Item, string Found);

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
        var classes = new HashSet<string>(StringComparer.Ordinal);
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            if (model.FullName.Length == 0)
                continue;
            if (!classes.Add(model.FullName))
                taken.Add(new TakenName(model.Item, $"a second model with the class '{model.FullName}'"));
            else if (IsDeclared(compilation, model.FullName))
                taken.Add(new TakenName(model.Item, $"a type '{model.FullName}' that the project declares"));
            else if (model.WeightsFile.Length > 0 && !files.Add(model.WeightsFile))
                taken.Add(new TakenName(model.Item, $"a second model with the weights file '{model.WeightsFile}'"));
        }

        return new EquatableArray<TakenName>(taken);
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

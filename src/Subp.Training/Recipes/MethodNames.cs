namespace Subp.Training.Recipes;

/// <summary>The methods as recipes and command lines spell them.</summary>
public static class MethodNames
{
    /// <summary>Every method with its name.</summary>
    public static IReadOnlyDictionary<string, TrainingMethod> All { get; } =
        new Dictionary<string, TrainingMethod>(StringComparer.Ordinal)
        {
            ["dense"] = TrainingMethod.Dense,
            ["subp"] = TrainingMethod.Subp,
            ["1xn"] = TrainingMethod.OneByN,
            ["sr-ste"] = TrainingMethod.SrSte,
            ["dpf"] = TrainingMethod.Dpf,
            ["filter"] = TrainingMethod.Filter,
            ["fixed"] = TrainingMethod.Fixed,
        };

    /// <summary>The name of a method.</summary>
    public static string Of(TrainingMethod method) => All.Single(entry => entry.Value == method).Key;
}

using System.Runtime.CompilerServices;
using Xunit;

namespace Subp.Onnx.Tests.Conformance;

/// <summary>
/// The operator tests of the ONNX project, as the Debian package libonnx-testdata has them: every model with a float input passes, or is
/// refused for the reason in refusals.txt. <c>eng/get-onnx-testdata</c> fetches them.
/// </summary>
[Trait("speed", "slow")]
public class ConformanceTests
{
    private const string Variable = "SUBP_ONNX_KERNELS";
    private static readonly string[] Roots = ["/usr/share/libonnx-testdata/data"];

    [FactWithOnnxTestData]
    public void Every_operator_model_passes_or_is_refused_for_its_listed_reason() => Check(model => model.Run(), "refusals.txt");

    /// <summary>The same through emitted code. It takes minutes: a compilation for each model.</summary>
    [FactWithOnnxTestData(Variable)]
    public void Every_operator_model_passes_through_compiled_kernels() =>
        Check(model => model.Run(CompiledKernels.Run), "refusals.txt", "kernel-refusals.txt");

    private static void Check(Func<OperatorModel, Outcome> run, params IEnumerable<string> lists)
    {
        var listed = lists
            .SelectMany(list => File.ReadLines(Path.Combine(Folder(), list)))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(": ", 2))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var models = OperatorModel.All(Root()!);
        var outcomes = new Outcome[models.Count];
        Parallel.For(0, models.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, index => outcomes[index] = run(models[index]));
        var failures = new List<string>();
        foreach (var (model, outcome) in models.Zip(outcomes))
        {
            var reason = listed.GetValueOrDefault(model.Name);
            if (outcome.Verdict == Verdict.Passed && reason is not null)
                failures.Add($"{model.Name} passes; its line in the list of refusals is stale");
            else if (outcome.Verdict != Verdict.Passed && !IsListed(outcome, reason))
                failures.Add($"{outcome.Verdict} {model.Name}: {outcome.Detail}");
            listed.Remove(model.Name);
        }

        failures.AddRange(listed.Keys.Select(name => $"{name} is listed and does not exist"));
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        var passed = outcomes.Count(outcome => outcome.Verdict == Verdict.Passed);
        Assert.True(passed >= 450, FormattableString.Invariant($"{passed} models pass"));
    }

    private static bool IsListed(Outcome outcome, string? reason) =>
        outcome.Verdict == Verdict.Refused && reason is not null && outcome.Detail.StartsWith(reason[..8], StringComparison.Ordinal);

    /// <summary>The folder of the models, or null where there is none.</summary>
    internal static string? Root() =>
        Roots
            .Append(Environment.GetEnvironmentVariable("SUBP_ONNX_TESTDATA"))
            .FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && Directory.Exists(Path.Combine(folder, "node")));

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}

/// <summary>A test that needs the operator models of the ONNX project, and is skipped with the reason where they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithOnnxTestDataAttribute : FactAttribute
{
    /// <summary>Marks a test.</summary>
    /// <param name="variable">A variable of the environment that must be set to 1 too, or null.</param>
    public FactWithOnnxTestDataAttribute(string? variable = null)
    {
        if (ConformanceTests.Root() is null)
            Skip = "The operator models of the ONNX project are not there; eng/get-onnx-testdata fetches them.";
        else if (variable is not null && Environment.GetEnvironmentVariable(variable) != "1")
            Skip = $"It takes minutes; {variable}=1 runs it.";
    }
}

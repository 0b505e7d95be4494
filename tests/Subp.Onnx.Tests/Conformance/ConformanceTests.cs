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
    private static readonly string[] Roots = ["/usr/share/libonnx-testdata/data"];

    [FactWithOnnxTestData]
    public void Every_operator_model_passes_or_is_refused_for_its_listed_reason()
    {
        var listed = File.ReadLines(Path.Combine(Folder(), "refusals.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(": ", 2))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var failures = new List<string>();
        var passed = 0;
        foreach (var model in OperatorModel.All(Root()!))
        {
            var outcome = model.Run();
            var reason = listed.GetValueOrDefault(model.Name);
            if (outcome.Verdict == Verdict.Passed && reason is null)
                passed++;
            else if (outcome.Verdict == Verdict.Passed)
                failures.Add($"{model.Name} passes; its line in refusals.txt is stale");
            else if (
                outcome.Verdict != Verdict.Refused
                || reason is null
                || !outcome.Detail.StartsWith(reason[..8], StringComparison.Ordinal)
            )
                failures.Add($"{outcome.Verdict} {model.Name}: {outcome.Detail}");
            listed.Remove(model.Name);
        }

        failures.AddRange(listed.Keys.Select(name => $"{name} is listed and does not exist"));
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(passed >= 450, FormattableString.Invariant($"{passed} models pass"));
    }

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
    public FactWithOnnxTestDataAttribute()
    {
        if (ConformanceTests.Root() is null)
            Skip = "The operator models of the ONNX project are not there; eng/get-onnx-testdata fetches them.";
    }
}

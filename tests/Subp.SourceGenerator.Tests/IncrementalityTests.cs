extern alias generator;
using generator::Subp.SourceGenerator;
using Microsoft.CodeAnalysis;
using Subp.Core.Text;
using Subp.SourceGenerator.Tests.Driving;
using Subp.SourceGenerator.Tests.Models;
using Xunit;

namespace Subp.SourceGenerator.Tests;

public sealed class IncrementalityTests
{
    private static readonly string[] s_modelSteps =
    [
        TrackingNames.Items,
        TrackingNames.Models,
        TrackingNames.Outputs,
        TrackingNames.Files,
        TrackingNames.Findings,
    ];
    private static readonly string[] s_projectSteps = [TrackingNames.Project, TrackingNames.TakenNames, TrackingNames.ProjectFindings];

    [Fact]
    public void The_same_input_leaves_every_step_cached()
    {
        var project = TwoModels();
        project.Run();
        var result = project.Run();
        Assert.All(
            s_modelSteps.Concat(s_projectSteps),
            step => AssertReasons(result, step, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged)
        );
        Assert.All(
            result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason)
        );
    }

    [Fact]
    public void An_unrelated_edit_compiles_no_model_and_changes_no_output()
    {
        var project = TwoModels();
        project.Run();
        var result = project.Edit("class Edited { int Answer => 42; }").Run();
        AssertReasons(result, TrackingNames.Items, IncrementalStepRunReason.Cached);
        AssertReasons(result, TrackingNames.Models, IncrementalStepRunReason.Cached);
        // What the compilation feeds is asked again, and answers the same.
        Assert.All(
            s_modelSteps.Concat(s_projectSteps),
            step => AssertReasons(result, step, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged)
        );
        Assert.All(
            result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason)
        );
    }

    [Fact]
    public void An_edit_of_a_model_compiles_that_model_only()
    {
        var project = TwoModels();
        project.Run();
        var result = project.Replace(Model("b", SubpPrinter.Print(TinyNetwork.Build("tiny", classes: 5)))).Run();
        AssertOneModified(result, TrackingNames.Models);
        AssertOneModified(result, TrackingNames.Files);
        Assert.Contains(
            result.GeneratedSources,
            source =>
                source.HintName == "Demo.B.cs" && source.SourceText.ToString().Contains("OutputLength => 5;", StringComparison.Ordinal)
        );
        Assert.Contains(
            result.GeneratedSources,
            source =>
                source.HintName == "Demo.A.cs" && source.SourceText.ToString().Contains("OutputLength => 3;", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_changed_option_compiles_that_model_only()
    {
        var project = TwoModels();
        project.Run();
        var result = project.Replace(Model("b", Text, ("Threads", "1"))).Run();
        AssertOneModified(result, TrackingNames.Items);
        AssertOneModified(result, TrackingNames.Models);
        AssertOneModified(result, TrackingNames.Files);
    }

    [Fact]
    public void A_finding_that_changes_leaves_the_files_alone()
    {
        var project = TwoModels();
        project.Run();
        // A comment in front moves the line of the finding about the dense layers, and changes no structure.
        var result = project.Replace(Model("b", Text.Replace("subp 1\n", "subp 1\n# a comment\n", StringComparison.Ordinal))).Run();
        AssertOneModified(result, TrackingNames.Findings);
        AssertReasons(result, TrackingNames.Files, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged);
    }

    private static string Text { get; } = SubpPrinter.Print(TinyNetwork.Build());

    private static Project TwoModels() => new([Model("a", Text), Model("b", Text)], "class Program { }");

    private static ModelFile Model(string name, string text, params (string, string)[] more) =>
        new($"/app/{name}.subp", text, [("Item", $"{name}.subp"), ("Namespace", "Demo"), ("ClassName", name.ToUpperInvariant()), .. more]);

    private static void AssertReasons(GeneratorRunResult result, string step, params IncrementalStepRunReason[] allowed)
    {
        var reasons = Project.Reasons(result, step).ToArray();
        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.Contains(reason, allowed));
    }

    private static void AssertOneModified(GeneratorRunResult result, string step)
    {
        var reasons = Project.Reasons(result, step).ToArray();
        Assert.Equal(2, reasons.Length);
        Assert.Single(reasons, reason => reason == IncrementalStepRunReason.Modified);
        Assert.Single(reasons, reason => reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged);
    }
}

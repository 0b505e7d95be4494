using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Tooling.Inputs;
using Subp.Tooling.Verification;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Who is blamed, for every way in which four results of one network can differ.</summary>
public sealed class OnnxRuntimeComparisonTests
{
    private static readonly InputSet s_inputs = InputSet.OfRandom(new TensorShape(1, 1, 2, 2), 1, 1);

    [Theory]
    [InlineData(1, 1, 1, 1, "")]
    [InlineData(1, 2, 1, 1, "The fault is in ONNX Runtime")]
    [InlineData(1, 2, 1, 3, "the reference interpreter does not")]
    [InlineData(3, 1, 1, 1, "the fault is in the compiled code")]
    [InlineData(3, 1, 1, 3, "the fault is in the import or the export")]
    [InlineData(3, 1, 1, 4, "there is more than one fault")]
    [InlineData(3, 2, 1, 1, "does not agree with ONNX Runtime without its optimiser either")]
    public void Each_disagreement_has_its_culprit(float compiled, float optimised, float plain, float interpreter, string said)
    {
        var asked = new List<bool>();
        var (verdicts, warning) = new OnnxRuntimeComparison(
            "net",
            1e-4,
            optimise =>
            {
                asked.Add(optimise);
                return Outputs(optimise ? optimised : plain);
            },
            () => Outputs(interpreter),
            reference => [Compare(compiled, reference)]
        ).Run();

        var failures = verdicts.SelectMany(verdict => verdict.Failures("net", 1e-4)).ToArray();
        Assert.Equal(compiled == optimised ? [true] : [true, false], asked);
        Assert.Equal(compiled == plain, failures.Length == 0);
        Assert.Equal(compiled != optimised && optimised != plain, warning is not null);
        var text = string.Join(" ", failures.Append(warning!).Where(diagnostic => diagnostic is not null));
        Assert.Contains(said, text, StringComparison.Ordinal);
        Assert.Equal(said.Length == 0, text.Length == 0);
    }

    private static ReferenceOutputs Outputs(float value) =>
        new(
            "reference",
            s_inputs,
            [
                [value, -1],
            ],
            2
        );

    private static SessionVerdict Compare(float compiled, ReferenceOutputs reference) =>
        new(
            reference.Name,
            InstructionSet.Portable,
            Threads: 1,
            Images: 1,
            SameLabels: 1,
            LabelErrors: 0,
            FirstLabelError: -1,
            ErrorFigures.Between([compiled, -1], reference[0]).Relative,
            MaximumAbsoluteError: 0,
            MaximumUlps: 0,
            SmallestCosine: 1,
            WorstInput: 0,
            WorstOutput: 0,
            Accuracy: null
        );
}

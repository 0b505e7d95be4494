using Subp.Compiler;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Benchmarking;

namespace Subp.Cli.Tests.Commands;

/// <summary>The verbs that measure or predict, on processors that lack instruction sets: none may need what it finds missing.</summary>
[Trait("speed", "slow")]
public sealed class ProcessorTests
{
    [Fact]
    public void Every_verb_runs_without_Avx512()
    {
        // Where there is nothing to switch off, every other test has shown it.
        if (HostProcessor.InstructionSets.Contains(InstructionSet.Avx512))
            ChildProcess.Check(RunAvx2, "DOTNET_EnableAVX512=0");
    }

    [Fact]
    public void Every_verb_runs_without_vector_instructions() => ChildProcess.Check(RunPortable, "DOTNET_EnableHWIntrinsic=0");

    [Fact]
    public void The_best_instruction_set_is_one_of_those_that_were_compiled()
    {
        Assert.Equal(InstructionSet.Portable, HostProcessor.BestOf([InstructionSet.Portable]));
        Assert.Equal(HostProcessor.InstructionSets[0], HostProcessor.BestOf([.. Enum.GetValues<InstructionSet>()]));
        Assert.All(HostProcessor.InstructionSets, set => Assert.Equal(set, HostProcessor.BestOf([set, InstructionSet.Portable])));
    }

    private static void RunAvx2()
    {
        Measure(InstructionSet.Avx2);
        using var folder = new TemporaryFolder();
        CommandLine.Run("train", "--fast-dev-run", "--method", "dense", "-b", "32", "-o", folder["run"]).Succeeds();
        // No processor is that fast: the answer says what this one is predicted to reach.
        CommandLine.Run("shrink", folder["run"], "--latency", "0.001us", "-o", folder["small.subp"]).Answers(2, "SUBP0534");
    }

    private static void RunPortable() => Measure(InstructionSet.Portable);

    private static void Measure(InstructionSet best)
    {
        Assert.Equal(best, HostProcessor.InstructionSets[0]);
        using var folder = new TemporaryFolder();
        var model = folder["tiny.onnx"];
        File.WriteAllBytes(model, OnnxExporter.Export(TinyClassifier.Build()));
        CommandLine.Run("inspect", model, "--schedule", "2", "--json").Succeeds();
        CommandLine.Run("inspect", model, "--isa", "avx512", "--json").Succeeds();
        CommandLine.Run("inspect", model, "--measure", "--rounds", "2", "--json").Succeeds();
        CommandLine.Run("verify", model, "--random", "1", "--threads", "1", "--json").Succeeds();
        CommandLine.Run("--version").Succeeds();
    }
}

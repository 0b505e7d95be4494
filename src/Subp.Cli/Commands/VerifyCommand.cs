using System.CommandLine;
using Subp.Cli.Compilation;
using Subp.Cli.Failures;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Cli.Verification;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Cli.Commands;

/// <summary>Compares compiled code with the reference interpreter, on every instruction set this processor has.</summary>
internal sealed class VerifyCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "A compiled .dll, or a .subp or .onnx file, which is compiled first." };
    private readonly Option<string?> _reference = new("--reference", "-r")
    {
        Description = "For a DLL: the bundle it was compiled from. Default: the .subp file beside it that has the same structure.",
        HelpName = "path",
    };

    private readonly Option<double> _tolerance = new("--tolerance")
    {
        Description = "The largest difference allowed, relative to the largest absolute output of an input.",
        DefaultValueFactory = _ => 1e-4,
    };

    private readonly InputOptionSet _inputs;
    private readonly CompileOptionSet _compile;
    private readonly OnnxOptionSet _onnx;

    /// <summary>Creates the verb.</summary>
    public VerifyCommand()
        : base("verify", "Compare compiled code with the reference interpreter on every instruction set this processor has.")
    {
        Add(_source);
        Add(_reference);
        Add(_tolerance.Share(withOne: true));
        _inputs = new InputOptionSet().AddTo(this, withRandom: true);
        _compile = new CompileOptionSet(UsefulThreads, "from 1 to the number of processors, at least to 2 and at most to 4").AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("subp verify out/FashionResnet8.dll --reference runs/sparse/model.subp", "all test images, every instruction set, one thread and more"),
        ("subp verify model.onnx --random 8 --unroll full", "compiles in memory, runs on random inputs"),
        ("subp verify model.dll --isa avx2 --threads 1 --tolerance 1e-5", "one variant; exit code 4 where it drifts further"),
    ];

    // More threads than processors are legal but say nothing new, and their barriers make every run slow.
    private static int[] UsefulThreads => [.. Enumerable.Range(1, Math.Clamp(Environment.ProcessorCount, 2, 4))];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        var options = _compile.Read(arguments);
        var (model, loaded) = Load(arguments, context, source, options);
        using (loaded)
        {
            var threads = RunnableModel.ThreadCounts(loaded, options.ThreadCounts, _compile.NamesThreads(arguments));
            CompileOptionSet.WarnOfThreads(context, threads);
            var inputs = _inputs.Read(arguments, RunnableModel.InputShape(loaded), RunnableModel.Metadata(loaded));
            ReferenceOutputs? reference = null;
            context.WithProgress("reference interpreter", progress => reference = ReferenceOutputs.Compute(model, inputs, progress, context.Cancellation));
            IReadOnlyList<SessionVerdict> verdicts = [];
            var tolerance = arguments.GetValue(_tolerance);
            context.WithProgress("compiled code", progress =>
                verdicts = ModelVerifier.Verify(loaded, reference!, options.InstructionSets, threads, tolerance, progress, context.Cancellation));
            foreach (var set in options.InstructionSets.Where(set => !loaded.IsSupported(set)))
                context.Log($"{set.ToString().ToLowerInvariant()}: skipped, this processor lacks it or the model was not compiled for it");
            return Conclude(context, source, inputs.Name, tolerance, verdicts);
        }
    }

    private (Model Model, LoadedModel Loaded) Load(ParseResult arguments, CommandContext context, string source, Compiler.CompileOptions options)
    {
        var reference = arguments.GetValue(_reference);
        if (ModelKinds.Of(source) == ModelKind.Assembly)
        {
            var loaded = LoadedModel.Load(source);
            return (RunnableModel.Reference(source, loaded, reference), loaded);
        }

        var model = NetworkFile.Read(source, onnx: _onnx.Read(arguments));
        context.Log($"compiling {model.Graph.Name}");
        return (model, LoadedModel.Load(CompiledNetwork.Compile(model, options, cancellation: context.Cancellation).Assembly));
    }

    private int Conclude(CommandContext context, string source, string inputs, double tolerance, IReadOnlyList<SessionVerdict> verdicts)
    {
        var failures = verdicts.SelectMany(verdict => verdict.Failures(source, tolerance)).ToArray();
        if (context.Json)
        {
            JsonOutput.Write(context.Out, Name, new { model = source, inputs, tolerance, passed = failures.Length == 0, sessions = verdicts });
        }
        else
        {
            var table = new TextTable("instruction set", ">threads", ">images", ">same labels", ">largest error", "verdict");
            foreach (var verdict in verdicts)
                table.Add(verdict.InstructionSet.ToString().ToLowerInvariant(), Figures.Count(verdict.Threads), Figures.Count(verdict.Images),
                    Figures.Count(verdict.SameLabels), Figures.Scientific(verdict.MaximumError), verdict.Failures(source, tolerance).Any() ? "FAILED" : "ok");
            table.Write(context.Out);
        }

        foreach (var failure in failures)
            context.Report(failure);
        return failures.Length == 0 ? ExitCodes.Success : ExitCodes.Of(failures[0]);
    }
}

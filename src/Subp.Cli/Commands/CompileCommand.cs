using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Tooling.Compilation;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Tooling.Quantizing.Precision;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>Compiles a network into a DLL with symbols and documentation, and on request leaves the emitted C#.</summary>
internal sealed class CompileCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "A .subp file, a folder with model.subp, or an .onnx file." };
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The .safetensors file. Default: the one beside the .subp file.",
        HelpName = "path",
    };
    private readonly Option<WeightsLocation> _location = new("--weights-location")
    {
        Description =
            "Where the model finds its weights: embedded (in the DLL) or file (a .safetensors file of the name of the class beside it).",
        HelpName = "place",
        DefaultValueFactory = _ => WeightsLocation.Embedded,
    };

    private readonly Option<string?> _output = CommonOptions.Output("The .dll file, or a folder for it. Default: the current folder.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<bool> _emitSource = new("--emit-source")
    {
        Description = "Also write the emitted C#, into a folder beside the DLL that ends in .src.",
    };
    private readonly Option<string?> _dumpPasses = new("--dump-passes")
    {
        Description = "Write the network after every pass as .subp text into this folder.",
        HelpName = "folder",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Plan, print the kernels, write nothing." };
    private readonly Option<bool> _strict = new("--strict-int8")
    {
        Description = "Refuse a network that does not compute on bytes from its first layer to its last.",
    };
    private readonly CompileOptionSet _compile;
    private readonly OnnxOptionSet _onnx;
    private readonly NormalizeOption _normalize;

    /// <summary>Creates the verb.</summary>
    public CompileCommand()
        : base("compile", "Compile a network into one managed DLL with its symbols and documentation.")
    {
        foreach (var option in new Option[] { _weights, _location, _output, _force, _emitSource, _dumpPasses, _dryRun, _strict })
            Add(option);
        Add(_source);
        _compile = new CompileOptionSet([1, 2, 3, 4], "1,2,3,4").AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        _normalize = new NormalizeOption().AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp compile runs/sparse/model.subp -o out", "out/FashionResnet8.dll, .pdb and .xml"),
            ("subp compile model.onnx -o out/Model.dll --emit-source", "also the C#, in out/Model.src"),
            (
                "subp compile model.subp --unroll full --threads 1,2 --isa avx512",
                "straight-line kernels, two schedules, AVX-512 and portable code"
            ),
            ("subp compile model.subp --dry-run", "which layer would get which kernel, and why"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var dumps = new List<(string Pass, Graph Graph)>();
        void Observe(string pass, Graph graph, bool changed)
        {
            dumps.Add((pass, graph));
            context.Detail($"{pass}: {(changed ? "changed" : "unchanged")}, {graph.Nodes.Count} nodes");
            context.Cancellation.ThrowIfCancellationRequested();
        }

        var options = _compile.Read(arguments) with { Weights = arguments.GetValue(_location) };
        var model = NetworkFile.Read(arguments.GetRequiredValue(_source), arguments.GetValue(_weights), _onnx.Read(arguments), Observe);
        model = _normalize.Apply(arguments, model);
        if (dumps.Count == 0)
            dumps.Add(("input", model.Graph));
        if (arguments.GetValue(_strict))
            StrictIntegers.Require(model.Graph, static _ => null);
        if (arguments.GetValue(_dryRun))
        {
            Print(context, CompiledNetwork.PlanOf(model, options, Observe), dll: null, assemblyBytes: 0);
            return 0;
        }

        var plan = CompiledNetwork.PlanOf(model, options);
        var dll = DllPath(arguments.GetValue(_output), plan.ClassName);
        using var outputs = new OutputSet(arguments.GetValue(_force));
        // Announced before the work, so that nobody waits for a refusal.
        outputs.RequireFree(dll);
        var compiled = AssemblyFiles.Compile(outputs, dll, model, plan, options, Observe, context.Cancellation);
        if (arguments.GetValue(_emitSource))
            AssemblyFiles.WriteSources(outputs, AssemblyFiles.SourceFolder(dll), compiled.Sources);
        if (arguments.GetValue(_dumpPasses) is { } folder)
            AssemblyFiles.WriteDumps(outputs, folder, dumps);
        context.Cancellation.ThrowIfCancellationRequested();
        outputs.Commit();
        Print(context, compiled.Plan, dll, compiled.AssemblyBytes);
        return 0;
    }

    private static string DllPath(string? output, string className) =>
        output is null ? className + ".dll"
        : output.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(output) ? output
        : Path.Combine(output, className + ".dll");

    private void Print(CommandContext context, ModelPlan plan, string? dll, long assemblyBytes)
    {
        foreach (var note in LayerNotes.Of(plan))
            context.Report(note);
        var best = plan.Options.InstructionSets[0];
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    dll,
                    assemblyBytes,
                    @class = $"{plan.Options.Namespace}.{plan.ClassName}",
                    arenaBytes = 4L * plan.ArenaLength,
                    threads = plan.Options.ThreadCounts,
                    instructionSets = plan.Options.InstructionSets,
                    layers = plan.Layers.Select(layer => new
                    {
                        name = layer.Node.Name,
                        kernel = layer.KernelName(best),
                        layer.DenseMacs,
                        layer.KeptMacs,
                        reason = layer.DenseReason,
                        choice = layer.ChoiceReason,
                    }),
                }
            );
            return;
        }

        if (dll is null)
        {
            var table = new TextTable("layer", "kernel", "remarks");
            foreach (var layer in plan.Layers)
                table.Add(
                    layer.Node.Name,
                    layer.KernelName(best),
                    string.Join("; ", new[] { layer.DenseReason, layer.ChoiceReason }.Where(text => text is not null))
                );
            table.Write(context.Out);
            return;
        }

        context.Out.WriteLine(
            $"{dll}: {Figures.Bytes(assemblyBytes)}, class {plan.Options.Namespace}.{plan.ClassName}, {plan.Layers.Count} layers, "
                + $"threads {Figures.List(plan.Options.ThreadCounts)}, "
                + $"{string.Join(" ", plan.Options.InstructionSets.Select(set => set.ToString().ToLowerInvariant()))}"
        );
    }
}

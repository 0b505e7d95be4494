using System.CommandLine;
using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Quantizing;
using Subp.Tooling.Verification;
using Subp.Tooling.Verification.SpecialValues;
using Subp.Tooling.Verification.Steps;

namespace Subp.Cli.Commands;

/// <summary>
/// Compares compiled code with the reference interpreter and with ONNX Runtime, on every instruction set this processor has.
/// </summary>
internal sealed class VerifyCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model")
    {
        Description = "A compiled .dll, or a .subp or .onnx file, which is compiled first, or a folder of .onnx files.",
    };
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

    private readonly Option<bool> _perLayer = new("--per-layer")
    {
        Description =
            "Compare the value of every layer too, for the first input; the network is compiled once more for this, with all values kept.",
    };

    private readonly Option<bool> _specialValues = new("--special-values")
    {
        Description =
            "Compare also what every layer makes of NaN, infinities, denormals and the largest floats; the network is compiled once "
            + "more for "
            + "this.",
    };

    private readonly Option<double> _shrink = new Option<double>("--shrink")
    {
        Description = "Remove this share of all channels of an .onnx file first, as subp shrink --shared does; before pruning. Default: 0.",
        HelpName = "share",
    }.Share(withOne: false);

    private readonly Option<bool> _quantize = new("--quantize")
    {
        Description =
            "Make it a network of bytes first, with ranges from random inputs: says whether bytes are computed right, and nothing about "
            + "accuracy.",
    };

    private readonly Option<int> _weightBits = new("--weight-bits")
    {
        Description = "With --quantize: 8, or 7 as in subp quantize, which ONNX Runtime computes exactly on processors without VNNI, too.",
        HelpName = "bits",
        DefaultValueFactory = _ => 8,
    };

    private readonly OnnxRuntimeOption _onnxRuntime;
    private readonly InputOptionSet _inputs;
    private readonly CompileOptionSet _compile;
    private readonly OnnxOptionSet _onnx;
    private readonly PruneOptionSet _prune;

    /// <summary>Creates the verb.</summary>
    public VerifyCommand()
        : base(
            "verify",
            "Compare compiled code with the reference interpreter, and with ONNX Runtime, on every instruction set this processor has."
        )
    {
        Add(_source);
        Add(_reference);
        Add(_tolerance.Share(withOne: true));
        Add(_perLayer);
        Add(_specialValues);
        Add(_quantize);
        Add(_weightBits.AtLeast(7, 8));
        _onnxRuntime = new OnnxRuntimeOption().AddTo(this);
        _inputs = new InputOptionSet().AddTo(this, withRandom: true);
        _compile = new CompileOptionSet(UsefulThreads, "from 1 to the number of processors, at least to 2 and at most to 4").AddTo(this);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(_shrink);
        _prune = new PruneOptionSet().AddTo(this);
        Add(CommonOptions.Json());
        Validators.Add(result =>
        {
            if (result.GetResult(_weightBits) is { Implicit: false } && !result.GetValue(_quantize))
                result.AddError("--weight-bits without --quantize");
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            (
                "subp verify out/FashionResnet8.dll --reference runs/sparse/model.subp",
                "all test images, every instruction set, one thread and more"
            ),
            ("subp verify model.onnx --random 8 --unroll full", "compiles in memory, runs on random inputs"),
            ("subp verify model.onnx --onnxruntime-lib onnxruntime", "against an engine that shares no code with this one, too"),
            ("subp verify model.subp --per-layer --random 1", "names the first layer that drifts"),
            ("subp verify model.subp --special-values --random 1", "what NaN, infinities and the largest floats become in every layer"),
            (
                "subp verify models --block-length 16 --sparsity 0.75 --onnxruntime-lib onnxruntime --isa avx512,avx2 --threads 1,2",
                "every .onnx file of a folder, pruned: one table"
            ),
            ("subp verify models --shrink 0.3 --onnxruntime-lib onnxruntime", "every .onnx file of a folder without 30 % of its channels"),
            (
                "subp verify models --quantize --onnxruntime-lib onnxruntime",
                "every file in bytes; ONNX Runtime makes the same bytes within one step"
            ),
            ("subp verify model.dll --isa avx2 --threads 1 --tolerance 1e-5", "one variant; exit code 4 where it drifts further"),
        ];

    // More threads than processors are legal but say nothing new, and their barriers make every run slow.
    private static int[] UsefulThreads => [.. Enumerable.Range(1, Math.Clamp(Environment.ProcessorCount, 2, 4))];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        var options = _compile.Read(arguments);
        var library = _onnxRuntime.Load(arguments);
        if (IsFolderOfModels(source) && arguments.GetValue(_specialValues))
            throw new SubpException(DiagnosticDescriptors.Usage, source, "--special-values with a folder of models", "a single model");
        if (IsFolderOfModels(source))
            return VerifyFolder(arguments, context, source, options, library);
        Model? model = Read(arguments, context, source, options);
        var isAssembly = ModelKinds.Of(source) == ModelKind.Assembly;
        var tolerance = arguments.GetValue(_tolerance);
        var inputs = _inputs.Read(arguments, model.Graph);
        var network = Network(arguments, model, source, library);
        using var references = ReferenceComparison.Prepare(context, source, model, inputs, network);
        // A network that is quantised here is no longer what the file computes, and the tolerance is one of bytes.
        var isApart = network?.IsOriginal != true && !arguments.GetValue(_quantize);
        var import =
            library is not null && isApart && ModelKinds.Of(source) == ModelKind.Onnx
                ? CompareImport(arguments, context, source, inputs, library)
                : null;
        using var loaded = isAssembly ? LoadAssembly(source) : Compile(context, model, options);
        var threads = RunnableModel.ThreadCounts(loaded, options.ThreadCounts, _compile.NamesThreads(arguments));
        CompileOptionSet.WarnOfThreads(context, threads);
        IReadOnlyList<LayerVerdict> layers = [];
        if (arguments.GetValue(_perLayer))
            layers = CompareLayers(context, model, options, threads, inputs, library, source);
        var steps = CompareSteps(context, model, options, threads, inputs, library, source);
        var apart = CompareApart(context, loaded, model, options, threads, inputs);
        IReadOnlyList<SpecialVerdict> special = [];
        if (arguments.GetValue(_specialValues))
            special = CompareSpecialValues(context, model, options, threads, tolerance);
        // The compiled model has weights of its own, which take their place.
        model = null;
        LargeMemory.Release();
        var verdicts = references.Run(loaded, options.InstructionSets, threads, tolerance);
        foreach (var set in options.InstructionSets.Where(set => !loaded.IsSupported(set)))
            context.Log($"{set.ToString().ToLowerInvariant()}: skipped, this processor lacks it or the model was not compiled for it");
        return new VerifyReport(source, inputs.Name, tolerance, verdicts)
        {
            Import = import,
            Layers = layers,
            Steps = steps,
            Apart = apart,
            SpecialValues = special,
        }.Conclude(context, Name);
    }

    private static LoadedModel LoadAssembly(string source) =>
        // Windows keeps a mapped file from being replaced.
        OperatingSystem.IsWindows()
            ? LoadedModel.Load(source)
            : LoadedModel.Map(source);

    private static LoadedModel Compile(CommandContext context, Model model, Compiler.CompileOptions options)
    {
        context.Log($"compiling {model.Graph.Name}");
        return TemporaryAssembly.Load(model, options, context.Cancellation).Loaded;
    }

    private static IReadOnlyList<LayerVerdict> CompareLayers(
        CommandContext context,
        Model model,
        Compiler.CompileOptions options,
        IReadOnlyList<int> threads,
        InputSet inputs,
        OnnxRuntimeLibrary? library,
        string source
    )
    {
        IReadOnlyList<LayerVerdict> layers = [];
        context.WithProgress(
            "layer by layer",
            progress => layers = LayerVerifier.Verify(model, options, threads, inputs[0], library, source, progress, context.Cancellation)
        );
        return layers;
    }

    // The file itself, where only what was made of it is compared with the compiled code.
    private ImportVerdict CompareImport(
        ParseResult arguments,
        CommandContext context,
        string source,
        InputSet inputs,
        OnnxRuntimeLibrary library
    )
    {
        ImportVerdict? verdict = null;
        context.WithProgress(
            "the file itself against what was read of it",
            _ =>
                verdict = new ImportComparison(context, library, arguments.GetValue(_tolerance)).Run(
                    source,
                    NetworkFile.Read(source, onnx: _onnx.Read(arguments)),
                    inputs
                )
        );
        return verdict!;
    }

    // Null where nothing is bytes, or where there is nothing to compare with.
    private static StepReport? CompareSteps(
        CommandContext context,
        Model model,
        Compiler.CompileOptions options,
        IReadOnlyList<int> threads,
        InputSet inputs,
        OnnxRuntimeLibrary? library,
        string source
    )
    {
        if (library is null || !StepVerifier.AppliesTo(model.Graph))
            return null;
        StepReport? report = null;
        context.WithProgress(
            "bytes against ONNX Runtime",
            progress => report = StepVerifier.Verify(model, options, threads, inputs, library, source, progress, context.Cancellation)
        );
        return report;
    }

    // Null where the outputs of the whole network judge.
    private static InterpretedReport? CompareApart(
        CommandContext context,
        LoadedModel loaded,
        Model model,
        Compiler.CompileOptions options,
        IReadOnlyList<int> threads,
        InputSet inputs
    )
    {
        if (!InterpretedSteps.AppliesTo(model.Graph))
            return null;
        InterpretedReport? report = null;
        context.WithProgress(
            "layer by layer",
            progress => report = InterpretedSteps.Verify(loaded, model, options, threads, inputs, progress, context.Cancellation)
        );
        return report;
    }

    private static IReadOnlyList<SpecialVerdict> CompareSpecialValues(
        CommandContext context,
        Model model,
        Compiler.CompileOptions options,
        IReadOnlyList<int> threads,
        double tolerance
    )
    {
        IReadOnlyList<SpecialVerdict> special = [];
        context.WithProgress(
            "special values",
            progress => special = SpecialValueVerifier.Verify(model, options, threads, tolerance, progress, context.Cancellation)
        );
        return special;
    }

    private OnnxRuntimeNetwork? Network(ParseResult arguments, Model model, string source, OnnxRuntimeLibrary? library)
    {
        // Outputs of bytes that are a step apart say little; layers of bytes are compared in steps.
        if (library is null || StepVerifier.AppliesTo(model.Graph))
            return null;
        // A shrunk or pruned network has other weights than its file.
        var isFile =
            ModelKinds.Of(source) == ModelKind.Onnx && arguments.GetValue(_shrink) == 0 && _prune.Read(arguments, model.Graph) is null;
        return OnnxRuntimeNetwork.Create(library, model, source, isFile ? source : null);
    }

    private Model Read(ParseResult arguments, CommandContext context, string source, Compiler.CompileOptions options)
    {
        var shrink = arguments.GetValue(_shrink);
        if (shrink > 0 && ModelKinds.Of(source) != ModelKind.Onnx)
            throw new SubpException(DiagnosticDescriptors.Usage, "--shrink", source, "an .onnx file, or a folder of them");
        if (ModelKinds.Of(source) == ModelKind.Assembly)
        {
            var reference = arguments.GetValue(_reference);
            var onnx = _onnx.Read(arguments, reference ?? source);
            using var loaded = LoadAssembly(source);
            var bundle = RunnableModel.Reference(source, loaded, reference, onnx);
            RunnableModel.ThreadCounts(loaded, options.ThreadCounts, _compile.NamesThreads(arguments));
            return _prune.Read(arguments, bundle.Graph) is null && !arguments.GetValue(_quantize)
                ? bundle
                : throw new SubpException(
                    DiagnosticDescriptors.Usage,
                    source,
                    "options that change a compiled model",
                    "a .subp or .onnx file to prune or to quantise"
                );
        }

        var model =
            shrink > 0
                ? ShrunkNetwork.Read(source, _onnx.Read(arguments), shrink, context.Cancellation).Packed
                : NetworkFile.Read(source, onnx: _onnx.Read(arguments));
        if (_prune.Read(arguments, model.Graph) is { } prune)
            model = PrunedNetwork.Create(model, prune, source, context).Model;
        if (arguments.GetValue(_quantize))
            model = RandomRanges.Quantize(model, context.Cancellation, arguments.GetValue(_weightBits));
        // Structure decides what can be compiled: nobody waits for references of a network that cannot.
        _ = CompiledNetwork.PlanOf(model, options);
        return model;
    }

    private static bool IsFolderOfModels(string source) =>
        Directory.Exists(source) && !File.Exists(BundleFile.SubpPath(source)) && FolderVerifier.Models(source).Count > 0;

    private int VerifyFolder(
        ParseResult arguments,
        CommandContext context,
        string folder,
        Compiler.CompileOptions options,
        OnnxRuntimeLibrary? library
    )
    {
        const int StandardInputs = 2;
        var tolerance = arguments.GetValue(_tolerance);
        var reports = new FolderVerifier(
            context,
            // The open dimensions of the models of a folder have names of their own.
            _onnx.Read(arguments) with
            {
                LeavesOthersOut = true,
            },
            arguments.GetValue(_shrink),
            graph => _prune.Read(arguments, graph),
            options,
            library,
            _inputs.RandomCount(arguments) ?? StandardInputs,
            tolerance
        )
        {
            WeightBits = arguments.GetValue(_quantize) ? arguments.GetValue(_weightBits) : null,
        }.Run(FolderVerifier.Models(folder));
        var failed = reports.Count(report => !report.Passed);
        if (context.Json)
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    folder,
                    tolerance,
                    passed = failed == 0,
                    reference = library is null ? ReferenceOutputs.Interpreter : OnnxRuntimeNetwork.Name(library),
                    models = reports,
                }
            );
        else
            FolderTable.Of(reports, options.InstructionSets, options.ThreadCounts, arguments.GetValue(_quantize)).Write(context.Out);
        if (failed == 0)
            return ExitCodes.Success;
        var failure = new Diagnostic(
            DiagnosticDescriptors.ModelsFailed,
            folder,
            FormattableString.Invariant($"{failed} of {reports.Count} failed"),
            Action: "See the diagnostics above."
        );
        context.Report(failure);
        return ExitCodes.Of(failure);
    }
}

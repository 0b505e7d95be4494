using Subp.Cli.Terminal;
using Subp.Compiler.Packing;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Tooling.Failures;
using Subp.Tooling.Models;
using Subp.Training.Distributed;
using Subp.Training.Interchange;
using Subp.Training.Interchange.Networks;
using Subp.Training.Interchange.StateDict;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Training;

/// <summary>
/// A trained network from which another training starts, with its batch normalisation as the file has it: folded into the weights of a
/// bundle that was packed, unfolded everywhere else.
/// </summary>
internal static class StartingNetwork
{
    private const string Checkpoint = "last.ckpt";

    /// <summary>Reads a network.</summary>
    /// <param name="path">The folder of a run or a checkpoint of it, weights of PyTorch, an .onnx or a .subp file.</param>
    /// <param name="name">The network of the zoo that the user names, or null; runs and weights of PyTorch do not say it.</param>
    /// <param name="data">The images to train on.</param>
    /// <param name="method">The method, which decides whether patterns that the network comes with stay.</param>
    /// <param name="context">Hears where the network and the images call their classes differently.</param>
    /// <exception cref="SubpException">The file is missing, broken, or does not fit.</exception>
    public static Model Read(string path, string? name, TrainingData data, TrainingMethod method, CommandContext context)
    {
        // The checkpoint of a run has the values that pruned weights kept, for methods that may take them back; patterns that stay are in
        // the bundle beside it.
        var hasPatterns = method == TrainingMethod.Fixed && File.Exists(Path.Combine(path, UnfoldedNetwork.TrainedStem + ".subp"));
        var model = hasPatterns ? UnfoldedNetwork.OfRun(path) : ReadFile(path, name, data);
        if (
            name is not null
            && (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".subp", StringComparison.OrdinalIgnoreCase))
        )
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--model",
                $"'{name}' beside --init {path}",
                "one network: the file brings its own",
                "Leave --model out."
            );
        var graph = model.Graph.With(metadata: Complete(model.Graph.Metadata, data.Metadata, path, context));
        // ONNX declares no patterns: they are found in the zeros.
        return method == TrainingMethod.Fixed
            ? new FindBlocks().Run(new Model(graph, model.Weights))
            : new Model(graph.WithDenseParameters(), model.Weights);
    }

    // What is learned are the classes of the images. The normalisation is the one that the weights are used to, where the file says it.
    private static ModelMetadata Complete(ModelMetadata own, ModelMetadata images, string path, CommandContext context)
    {
        foreach (var (index, (before, now)) in own.ClassNames.Zip(images.ClassNames).Index())
        {
            if (before == now)
                continue;
            context.Log(
                FormattableString.Invariant($"{path}: class {index} is '{before}' and that of the images '{now}'; ")
                    + "the classes get the names of the images"
            );
            break;
        }

        return own.NormalizationMean.Count == 0 ? images : own with { ClassNames = images.ClassNames };
    }

    private static Model ReadFile(string path, string? name, TrainingData data)
    {
        var checkpoint =
            Directory.Exists(path) && !path.EndsWith(".ckpt", StringComparison.OrdinalIgnoreCase) ? Path.Combine(path, Checkpoint) : path;
        if (!File.Exists(checkpoint))
            throw new SubpException(FailureReport.NotFound(checkpoint));
        if (checkpoint.EndsWith(".ckpt", StringComparison.OrdinalIgnoreCase))
        {
            var recorded = RunNetwork.Read(Path.GetDirectoryName(checkpoint) ?? "", SingleProcess.Instance);
            var graph = ZooGraph.OfRun(recorded, name, data);
            return new Model(graph, InitialWeights.ReadCheckpoint(checkpoint, graph));
        }

        if (StateDictionaryNetwork.IsOne(path))
        {
            var state = StateDictionaryFile.Read(path);
            var (height, width) = (data.Training.Height, data.Training.Width);
            var graph = NetworkRecognition.Build(name ?? NetworkRecognition.Recognise(state), state, 1, height, width);
            return PretrainedWeights.Load(state, graph).ToModel();
        }

        return ModelKinds.Of(path) switch
        {
            ModelKind.Onnx => OnnxImporter.ImportFile(path),
            ModelKind.Bundle => BundleFile.Read(path),
            _ => throw ModelKinds.Unknown(
                path,
                Path.GetExtension(path),
                $"a run folder, or .ckpt, .onnx, .subp, {StateDictionaryNetwork.Endings}"
            ),
        };
    }
}

using System.Diagnostics;
using System.Globalization;
using Subp.Cli;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Numerics;
using Subp.Training.Recipes;
using Subp.Training.Runs;
using Subp.Training.TorchSharp;

namespace Subp.Benchmarks.Engines;

/// <summary>
/// A network of real size through the whole way: <c>-- resnet18 folder</c> trains ResNet-18 at 224 x 224 with masks for 20 steps of 16
/// images of noise, takes the network out of the checkpoint, compiles it and verifies it, and says how much memory that took.
/// </summary>
internal static class ResNet18Command
{
    private const int Classes = 1000;
    private const int Steps = 20;

    /// <summary>Runs it; the exit code is that of the first part that fails.</summary>
    public static int Run(string[] arguments)
    {
        string folder = arguments is [var place] ? place : "resnet18";
        var recipe = new TrainingRecipe
        {
            Epochs = 1,
            BatchSize = 16,
            LearningRate = 0.01,
            Sparsity = 60 / 128.0,
            ScheduleStart = 0,
            ScheduleEnd = 0,
            Shift = 4,
            Flip = true,
        };
        var options = new TrainingOptions
        {
            Folder = folder,
            Overwrite = true,
            Provider = new TorchSharpProvider(),
            Engine = new EngineSettings { Threads = 2 },
        };
        string[] names = [.. Enumerable.Range(0, Classes).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        var graph = ModelZoo.Build("resnet18", new TensorShape(1, 3, 224, 224), Classes, new ModelMetadata { ClassNames = names });
        var (training, test) = (Noise(Steps * recipe.BatchSize, 1, names), Noise(recipe.BatchSize, 2, names));
        long start = Stopwatch.GetTimestamp();
        var trained = Trainer.Train(recipe, graph, training, test, options);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using (var process = Process.GetCurrentProcess())
        {
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{trained.Engine}: {Steps} steps and a test in {seconds:F0} s, loss {trained.History[^1].TrainLoss:F3}, "
                ) + FormattableString.Invariant($"sparsity {trained.History[^1].Sparsity:P1}, peak {process.PeakWorkingSet64 / 1e9:F2} GB")
            );
        }

        // Nothing is left to train: what comes out is the checkpoint.
        var restored = Trainer.Train(recipe, graph, training, test, options with { Resume = true, Overwrite = false });
        string bundle = Path.Combine(folder, BundleFile.DefaultStem + ".subp");
        using (var outputs = new OutputSet(force: true))
        {
            BundleFile.Write(outputs, bundle, PassPipeline.Pack(restored.Model));
            outputs.Commit();
        }

        var streams = new TerminalStreams(Console.Out, Console.Error, ErrorIsLive: false);
        string compiled = Path.Combine(folder, "compiled");
        int code = SubpApplication.Run(["compile", bundle, "-o", compiled, "--force"], streams, CancellationToken.None);
        return code != 0
            ? code
            : SubpApplication.Run(
                ["verify", Directory.GetFiles(compiled, "*.dll").Single(), "--reference", bundle, "--random", "2"],
                streams,
                CancellationToken.None
            );
    }

    private static ImageDataset Noise(int count, ulong seed, IReadOnlyList<string> names)
    {
        var random = new DeterministicRandom(seed);
        var pixels = new byte[count * 3 * 224 * 224];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.NextInt32(256);

        byte[] labels = [.. Enumerable.Range(0, count).Select(_ => (byte)random.NextInt32(256))];
        return new ImageDataset("noise", pixels, labels, 3, 224, 224, names);
    }
}

using System.Diagnostics;
using System.Globalization;
using Subp.Core.Text;
using Subp.SourceGenerator.Tests.Models;

namespace Subp.Benchmarks.SourceGeneration;

/// <summary>
/// Times the source generator over a network of the size of ResNet-50: <c>generator [processes] [generator.dll]</c>. Each process is a
/// compiler whose Roslyn is warm and which has never seen the generator; medians over the processes are printed.
/// </summary>
internal static class GeneratorTiming
{
    private const string Child = "in-this-process";

    /// <summary>Runs the processes, or is one of them.</summary>
    public static int Run(string[] args)
    {
        if (args is [Child, var generator, var model])
        {
            foreach (var (name, milliseconds) in GeneratorSession.Measure(generator, File.ReadAllText(model)))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {milliseconds}"));
            return 0;
        }

        var processes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 7;
        var path =
            args.Length > 1 ? Path.GetFullPath(args[1]) : Path.Combine(AppContext.BaseDirectory, "generator", "Subp.SourceGenerator.dll");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".subp");
        File.WriteAllText(file, SubpPrinter.Print(ResNet50.Build()));
        try
        {
            var lines = Enumerable
                .Range(0, processes)
                .SelectMany(_ => RunChild(path, file))
                .ToLookup(line => line.Name, line => line.Milliseconds);
            foreach (var line in lines)
            {
                var sorted = line.Order().ToArray();
                var median = sorted[sorted.Length / 2].ToString("F1", CultureInfo.InvariantCulture).PadLeft(8);
                var range = string.Create(CultureInfo.InvariantCulture, $"({sorted[0]:F1} to {sorted[^1]:F1})");
                Console.WriteLine($"{line.Key.PadRight(32)} {median} ms {range}");
            }
        }
        finally
        {
            File.Delete(file);
        }

        return 0;
    }

    private static IEnumerable<(string Name, double Milliseconds)> RunChild(string generator, string model)
    {
        using var process = Process.Start(
            new ProcessStartInfo(
                Environment.ProcessPath!,
                [typeof(GeneratorTiming).Assembly.Location, "generator", Child, generator, model]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException("The child process failed:\n" + output);
        return output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(": "))
            .Select(parts => (parts[0], double.Parse(parts[1], CultureInfo.InvariantCulture)));
    }
}

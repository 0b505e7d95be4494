using System.CommandLine;
using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Costs;
using Subp.Benchmarks.Peers.Forms;
using Subp.Benchmarks.Peers.Integers;
using Subp.Benchmarks.Peers.Layers;
using Subp.Benchmarks.Peers.Machines;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Operators;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Benchmarks.Peers.Restricted;
using Subp.Benchmarks.Peers.Trained;
using Subp.Benchmarks.Peers.Zeros;
using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Tooling.Failures;

namespace Subp.Benchmarks.Peers;

/// <summary>The command <c>peers</c>: measures the tables, prints them, and writes them into the page of this processor.</summary>
internal static class PeersCommand
{
    private static readonly IPeersTable[] Tables =
    [
        new NetworksTable(),
        new RestrictedTable(),
        new LayersTable(),
        new FormsTable(),
        new IntegerTable(),
        new IntegerLayersTable(),
        new OperatorsTable(),
        new TrainedTable(),
        new ZerosTable(),
        new MachinesTable(),
        new CostsTable(),
    ];

    /// <summary>Runs the command.</summary>
    /// <returns>The exit code: 0, or 1 for bad arguments and failures.</returns>
    public static int Run(string[] args)
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer rounds and processes, and no page unless --report names a folder." };
        var only = new Option<string[]>("--only")
        {
            Description = $"The tables to measure: {string.Join(", ", Tables.Select(table => table.Key))}. Default: all.",
            HelpName = "table,table",
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))],
        };
        var row = new Option<string?>("--row")
        {
            Description = "Measure the rows whose name contains this, and keep the others of the page.",
            HelpName = "text",
        };
        var folder = new Option<string?>("--peers")
        {
            Description = "Where the other libraries are. Default: artifacts/peers, which eng/get-peers fills.",
            HelpName = "folder",
        };
        var onnxRuntime = new Option<string?>("--onnxruntime-lib")
        {
            Description = "The shared library of ONNX Runtime. Default: that of the package this program references.",
            HelpName = "path",
        };
        var libxsmm = new Option<string?>("--libxsmm-lib")
        {
            Description = "The shared library of a LIBXSMM from 2.0 on, for its block-sparse kernels; those of the folder are of 1.17.",
            HelpName = "path",
        };
        var report = new Option<string?>("--report")
        {
            Description = "The folder of the page. Default: docs/benchmarks, or none with --quick.",
            HelpName = "folder",
        };
        var command = new RootCommand("Compares this repository with other libraries, side by side, and writes the page of this processor.")
        {
            quick,
            only,
            row,
            folder,
            onnxRuntime,
            libxsmm,
            report,
        };
        command.SetAction(parsed =>
        {
            using var interruption = Interruption.Install();
            var root = RepositoryFolder.Find();
            var libraries = new PeerLibraries(
                parsed.GetValue(folder) ?? Path.Combine(root, "artifacts", "peers"),
                FullPath(parsed.GetValue(onnxRuntime)),
                FullPath(parsed.GetValue(libxsmm))
            );
            var run = new PeersRun(libraries, parsed.GetValue(quick), parsed.GetValue(row), Console.Error, interruption.Token)
            {
                ReportFolder = parsed.GetValue(report) ?? (parsed.GetValue(quick) ? null : Path.Combine(root, "docs", "benchmarks")),
            };
            return Run(run, parsed.GetValue(only) is { Length: > 0 } keys ? keys : [.. Tables.Select(table => table.Key)]);
        });
        return command.Parse(args).Invoke();
    }

    private static int Run(PeersRun run, string[] keys)
    {
        if (
            new[] { run.Libraries.OnnxRuntime, run.Libraries.Libxsmm }.FirstOrDefault(path => path is not null && !File.Exists(path)) is
            { } missing
        )
        {
            Console.Error.WriteLine(FailureReport.NotFound(missing));
            return 1;
        }

        if (keys.FirstOrDefault(key => Tables.All(table => table.Key != key)) is { } unknown)
        {
            Console.Error.WriteLine(
                $"--only: there is no table '{unknown}'; there are {string.Join(", ", Tables.Select(table => table.Key))}."
            );
            return 1;
        }

        if (!Tables.Where(table => keys.Contains(table.Key)).SelectMany(table => table.Rows).Any(run.Wants))
        {
            Console.Error.WriteLine($"--row: no row of these tables contains '{run.RowFilter}'.");
            return 1;
        }

        var processor = Processor.Current;
        try
        {
            foreach (var table in Tables.Where(table => keys.Contains(table.Key) && table.Rows.Any(run.Wants)))
            {
                var section = table.Measure(run);
                Console.Out.WriteLine(section);
                // After each table, so that an end before the last one loses nothing.
                if (run.ReportFolder is { } reportFolder)
                    Write(Path.Combine(reportFolder, processor.PageName), processor, section);
            }

            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("cancelled");
            return ExitCodes.Cancelled;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(FailureReport.Of(exception));
            return 1;
        }
    }

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    private static void Write(string path, Processor processor, Section section)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var older = File.Exists(path) ? File.ReadAllText(path) : null;
        File.WriteAllText(
            path,
            BenchmarkPage.Update(older, Introduction.Of(processor), [section], [.. Tables.Select(table => table.Title)])
        );
    }
}

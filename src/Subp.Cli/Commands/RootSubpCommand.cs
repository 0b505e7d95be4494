using System.CommandLine;
using System.CommandLine.Help;

namespace Subp.Cli.Commands;

/// <summary>The command <c>subp</c> itself: the list of verbs, in the order in which a newcomer meets them.</summary>
internal sealed class RootSubpCommand : RootCommand
{
    /// <summary>Creates the whole tree of commands.</summary>
    public RootSubpCommand()
        : base("Trains CNNs with uniform 1xN block-sparse weights (SUBP) and compiles them into one managed DLL.")
    {
        Add(CommonOptions.Quiet);
        Add(CommonOptions.Level);
        Add(CommonOptions.NoColor);
        foreach (var verb in Verbs())
            Add(verb);
        NumberOptions.ReadInvariantly(this);
        PathOptions.RequireNames(this);
        var help = Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelp((HelpAction)help.Action!);
        Options.OfType<VersionOption>().Single().Action = new VersionBanner();
    }

    private static IEnumerable<SubpCommand> Verbs() =>
        [
            new QuickstartCommand(),
            new TrainCommand(),
            new ExperimentCommand(),
            new CompareCommand(),
            new EvalCommand(),
            new ImportCommand(),
            new ExportCommand(),
            new ShrinkCommand(),
            new CompressCommand(),
            new QuantizeCommand(),
            new InspectCommand(),
            new CompileCommand(),
            new TuneCommand(),
            new RunCommand(),
            new VerifyCommand(),
            new BenchCommand(),
            new CalibrateCommand(),
            new PassesCommand(),
            new InstallEngineCommand(),
        ];
}

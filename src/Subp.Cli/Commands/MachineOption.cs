using System.CommandLine;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Tooling.Failures;
using Subp.Tooling.Inspection;

namespace Subp.Cli.Commands;

/// <summary>The processor whose costs decide between kernels; never the one that compiles, unless somebody asks for that.</summary>
internal sealed class MachineOption
{
    private const string Native = "native";

    private readonly Option<string> _machine = new("--machine")
    {
        Description =
            $"The processor to choose kernels for: {string.Join(", ", MachineDescription.Known.Select(machine => machine.Name))}, "
            + "native (the one of these that this processor is), or a file of subp calibrate. It has no influence on "
            + "results, only on speed.",
        HelpName = "name|native|file",
        DefaultValueFactory = _ => MachineDescription.Standard.Name,
    };

    /// <summary>The option itself.</summary>
    public Option Option => _machine;

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_machine);

    /// <summary>Whether the user names a processor.</summary>
    public bool IsGiven(ParseResult arguments) => GivenOptions.Has(arguments, _machine);

    /// <summary>The description that was asked for.</summary>
    /// <exception cref="SubpException">The name is not known, this processor has no description, or the file cannot be read.</exception>
    public MachineDescription Read(ParseResult arguments)
    {
        var word = arguments.GetValue(_machine)!;
        string[] names = [.. MachineDescription.Known.Select(machine => machine.Name), Native];
        if (MachineDescription.Find(word) is { } known)
            return known;
        if (word == Native)
            return NativeMachine.Require();
        if (Directory.Exists(word))
            throw new SubpException(FailureReport.NoFile(word));
        if (!File.Exists(word))
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--machine",
                $"'{word}'",
                $"a file, or one of {string.Join(", ", names)}",
                Spelling.Suggest(word, names)
            );
        return MachineFile.Parse(File.ReadAllText(word), word);
    }
}

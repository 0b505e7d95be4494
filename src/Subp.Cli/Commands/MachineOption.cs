using System.CommandLine;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Diagnostics;
using Subp.Core.Text;

namespace Subp.Cli.Commands;

/// <summary>The processor whose costs decide between kernels; never the one that compiles, unless somebody asks for that.</summary>
internal sealed class MachineOption
{
    private readonly Option<string> _machine = new("--machine")
    {
        Description =
            $"The processor to choose kernels for: {string.Join(", ", MachineDescription.Known.Select(machine => machine.Name))}, "
            + "or a file of subp calibrate. It has no influence on results, only on speed.",
        HelpName = "name|file",
        DefaultValueFactory = _ => MachineDescription.Standard.Name,
    };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_machine);

    /// <summary>The description that was asked for.</summary>
    /// <exception cref="SubpException">The name is not known, or the file cannot be read.</exception>
    public MachineDescription Read(ParseResult arguments)
    {
        var word = arguments.GetValue(_machine)!;
        if (MachineDescription.Find(word) is { } known)
            return known;
        if (!File.Exists(word))
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--machine",
                $"'{word}'",
                $"a file, or one of {string.Join(", ", MachineDescription.Known.Select(machine => machine.Name))}",
                Spelling.Suggest(word, MachineDescription.Known.Select(machine => machine.Name))
            );
        return MachineFile.Parse(File.ReadAllText(word), word);
    }
}

using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>Prints the pipeline: the passes that run when a network is packed and when it is compiled, in order.</summary>
internal sealed class PassesCommand : SubpCommand
{
    /// <summary>Creates the verb.</summary>
    public PassesCommand()
        : base("passes", "Print the passes of packing and compiling in their order.") => Add(CommonOptions.Json());

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp passes", "what happens to a network between the file and the code"),
            ("subp compile model.subp --dump-passes passes", "the network after each of them"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var packing = PassPipeline.Packing.Select(pass => pass.Name).ToArray();
        var compiling = PassPipeline.Compiling.Select(pass => pass.Name).ToArray();
        if (context.Json)
        {
            JsonOutput.Write(context.Out, Name, new { packing, compiling });
            return 0;
        }

        var table = new TextTable("stage", ">order", "pass");
        foreach (var (stage, names) in new[] { ("packing", packing), ("compiling", compiling) })
        {
            foreach (var (index, name) in names.Index())
                table.Add(stage, Figures.Count(index + 1), name);
        }

        table.Write(context.Out);
        return 0;
    }
}

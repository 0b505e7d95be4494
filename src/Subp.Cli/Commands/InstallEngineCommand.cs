using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Cli.Training;
using Subp.Core.Diagnostics;
using Subp.Training.Engines.Plugins;

namespace Subp.Cli.Commands;

/// <summary>Fetches a training engine that does not come with the tool.</summary>
internal sealed class InstallEngineCommand : SubpCommand
{
    private readonly Argument<string> _engine = new("engine") { Description = "The engine: torchsharp." };
    private readonly Option<string> _package = new("--package")
    {
        Description = "The package that brings libtorch: TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows.",
        HelpName = "name",
        DefaultValueFactory = _ => "TorchSharp-cpu",
    };
    private readonly Option<string?> _source = new("--source")
    {
        Description = "A folder of packages to look in besides the package sources of the user.",
        HelpName = "folder",
    };
    private readonly Option<bool> _force = CommonOptions.Force();

    /// <summary>Creates the verb.</summary>
    public InstallEngineCommand()
        : base("install-engine", "Fetch a training engine that does not come with the tool; needs the .NET SDK and about 1 GB.")
    {
        _engine.AcceptOnlyFromAmong(EnginePlugin.TorchSharp.Name);
        _package.AcceptOnlyFromAmong("TorchSharp-cpu", "TorchSharp-cuda-linux", "TorchSharp-cuda-windows");
        Add(_engine);
        foreach (var option in new Option[] { _package, _source, _force })
            Add(option);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp install-engine torchsharp --source artifacts/packages", "from the packages that eng/pack made"),
            ("subp install-engine torchsharp --package TorchSharp-cuda-linux", "with libtorch for NVIDIA GPUs"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var plugin = EnginePlugin.TorchSharp;
        if (Directory.Exists(plugin.UserFolder) && !arguments.GetValue(_force))
            throw new SubpException(
                DiagnosticDescriptors.OutputExists,
                plugin.UserFolder,
                "an engine of this version",
                "nothing",
                "Pass --force to install it again."
            );
        var installation = new EngineInstallation(plugin, arguments.GetValue(_package)!, arguments.GetValue(_source));
        context.Log($"publishing {plugin.AssemblyName} into {plugin.UserFolder}; this takes some minutes");
        installation.Install(plugin.UserFolder, context.Detail, context.Cancellation);
        var provider = plugin.Load(plugin.UserFolder);
        if (provider.Remark is { } remark)
            context.Log(remark);
        context.Out.WriteLine($"{provider.Name}: {plugin.UserFolder}");
        return 0;
    }
}

using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Engines.Plugins;
using Subp.Training.Runs;

namespace Subp.Cli.Commands;

/// <summary>The options that choose a training engine and how it computes.</summary>
internal sealed class EngineOptionSet
{
    private readonly Option<string> _engine = new("--engine")
    {
        Description = "The training engine: embedded, or torchsharp (see install-engine).",
        DefaultValueFactory = _ => EmbeddedProvider.EngineName,
    };
    private readonly Option<string> _device = new("--device")
    {
        Description = "Where it computes: cpu, cuda or cuda:<number>.",
        HelpName = "device",
        DefaultValueFactory = _ => EngineSettings.Cpu,
    };
    private readonly Option<int?> _threads = new("--threads", "-t")
    {
        Description = "The number of threads. Default: one for each processor.",
        HelpName = "n",
    };
    private readonly Option<bool> _tensorFloat32 = new("--tf32") { Description = "Let a GPU round the factors of products to TF32." };
    private readonly Option<bool> _channelsLast = new("--channels-last")
    {
        Description = "Let torchsharp keep images with their channels innermost.",
    };
    private readonly Option<string?> _folder = new("--engine-dir")
    {
        Description = $"The folder of an engine that is not embedded. Default: {EnginePlugin.FolderVariable}, or where it was installed.",
        HelpName = "folder",
    };

    /// <summary>Adds the options to a command.</summary>
    public EngineOptionSet AddTo(Command command)
    {
        _engine.AcceptOnlyFromAmong(EmbeddedProvider.EngineName, EnginePlugin.TorchSharp.Name);
        _threads.AtLeast(1);
        foreach (var option in new Option[] { _engine, _device, _threads, _tensorFloat32, _channelsLast, _folder })
            command.Add(option);
        return this;
    }

    /// <summary>Training options with the engine that the user chose.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The engine is not there or does not load.</exception>
    public TrainingOptions Apply(TrainingOptions options, ParseResult arguments, CommandContext context)
    {
        var provider =
            arguments.GetValue(_engine) == EmbeddedProvider.EngineName
                ? (ITrainingEngineProvider)EmbeddedProvider.Instance
                : EnginePlugin.TorchSharp.Load(arguments.GetValue(_folder));
        if (provider.Remark is { } remark)
            context.Log(remark);
        return options with
        {
            Provider = provider,
            Engine = new EngineSettings
            {
                Device = arguments.GetValue(_device)!,
                Threads = arguments.GetValue(_threads) ?? Environment.ProcessorCount,
                AllowTensorFloat32 = arguments.GetValue(_tensorFloat32),
                ChannelsLast = arguments.GetValue(_channelsLast),
            },
        };
    }
}

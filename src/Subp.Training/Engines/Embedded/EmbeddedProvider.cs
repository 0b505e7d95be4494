using Subp.Core.Diagnostics;

namespace Subp.Training.Engines.Embedded;

/// <summary>The engine that is always there: managed code on the processor.</summary>
public sealed class EmbeddedProvider : ITrainingEngineProvider
{
    /// <summary>The word by which it is chosen.</summary>
    public const string EngineName = "embedded";

    /// <summary>The only one that is needed.</summary>
    public static EmbeddedProvider Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public string? Remark => null;

    /// <inheritdoc/>
    public ITrainingEngine Create(EngineRequest request)
    {
        var settings = request.Settings;
        if (settings.Device != EngineSettings.Cpu)
            throw Without(DiagnosticDescriptors.DeviceNotAvailable, $"the device '{settings.Device}'", "the device 'cpu'");
        if (settings.AllowTensorFloat32)
            throw Without(DiagnosticDescriptors.EngineSettingInvalid, "the setting tf32", "float32 products");
        if (settings.ChannelsLast)
            throw Without(DiagnosticDescriptors.EngineSettingInvalid, "the setting channels-last", "the engine's own layout");

        try
        {
            return new EmbeddedEngine(request);
        }
        catch (OutOfMemoryException)
        {
            throw EngineMemory.Exhausted(request, "the machine");
        }
    }

    private static SubpException Without(DiagnosticDescriptor descriptor, string found, string expected) =>
        new(descriptor, $"engine '{EngineName}'", found, expected, "Choose the engine 'torchsharp', or leave the option out.");
}

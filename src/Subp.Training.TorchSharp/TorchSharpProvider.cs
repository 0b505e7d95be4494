using System.Runtime.InteropServices;
using Subp.Core.Diagnostics;
using Subp.Training.Engines;
using Subp.Training.TorchSharp.Checks;
using Subp.Training.TorchSharp.Natives;
using TorchSharp;

namespace Subp.Training.TorchSharp;

/// <summary>Builds engines that compute with libtorch.</summary>
public sealed class TorchSharpProvider : ITrainingEngineProvider
{
    /// <summary>The word by which it is chosen.</summary>
    public const string EngineName = "torchsharp";

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <summary>What is looked at in place of the gradients of libtorch; null for those.</summary>
    internal InputGradient? Gradient { get; init; }

    /// <inheritdoc/>
    public string? Remark
    {
        get
        {
            LibTorch.Load();
            return LibTorch.Remark;
        }
    }

    /// <inheritdoc/>
    public ITrainingEngine Create(EngineRequest request)
    {
        LibTorch.Load();
        var device = Device(request.Settings.Device);
        if (device.type == DeviceType.CPU)
            InputGradientCheck.Require(new TrainedNetwork(request.Graph), request, Gradient ?? Libtorch(request.Settings));
        return TorchMemory.Guard(request, () => new TorchSharpEngine(request, device));
    }

    private static InputGradient Libtorch(EngineSettings settings) => new LibtorchGradient(settings.Threads, settings.ChannelsLast).Of;

    private static torch.Device Device(string word)
    {
        string[] parts = word.Split(':');
        int index = 0;
        if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], out index)) || parts[0] is not ("cpu" or "cuda"))
            throw NotAvailable(word, "a word that names no device", "cpu, cuda or cuda:<number>");
        if (parts[0] == "cpu")
            return parts.Length == 1 ? torch.CPU : throw NotAvailable(word, "one of several processors", "cpu");

        int count = torch.TryInitializeDeviceType(DeviceType.CUDA) && torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (count == 0)
            throw NotAvailable(word, "libtorch without a CUDA device", "the device 'cpu'");
        if (index < 0 || index >= count)
            throw NotAvailable(
                word,
                FormattableString.Invariant($"{count} CUDA devices"),
                FormattableString.Invariant($"a number below {count}")
            );

        return torch.device(DeviceType.CUDA, index);
    }

    private static SubpException NotAvailable(string word, string found, string expected) =>
        new(
            DiagnosticDescriptors.DeviceNotAvailable,
            $"device '{word}'",
            found,
            expected,
            "A GPU needs an NVIDIA driver and the engine with the package TorchSharp-cuda-linux or TorchSharp-cuda-windows."
        );
}

/// <summary>Tells errors of libtorch that mean too little memory from all others.</summary>
internal static class TorchMemory
{
    /// <summary>Does something that may need much memory.</summary>
    /// <exception cref="SubpException">SUBP0524 where there is not enough.</exception>
    public static T Guard<T>(EngineRequest request, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (IsExhausted(exception))
        {
            throw EngineMemory.Exhausted(request, $"the device '{request.Settings.Device}'");
        }
    }

    // The two allocators say it in words; there is no type or code for it.
    private static bool IsExhausted(Exception exception) =>
        exception is OutOfMemoryException
        || (
            exception is ExternalException
            && (
                exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || exception.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase)
                || exception.Message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase)
            )
        );
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Subp.Training.TorchSharp.Tests;

/// <summary>
/// Threads of libtorch that have nothing to do shall sleep at once: tests run beside other tests, and those that spin take the processor
/// from those that work. The variable is read when the OpenMP library is loaded, and only the system's own call reaches it.
/// </summary>
internal static partial class SharedMachine
{
    [ModuleInitializer]
    internal static void LetIdleThreadsSleep()
    {
        if (OperatingSystem.IsLinux())
            _ = SetVariable("OMP_WAIT_POLICY", "passive", 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

using System.Runtime.Intrinsics.X86;
using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Tests.Engines;

/// <summary>The micro kernels that this machine can run.</summary>
internal static class Kernels
{
    public static MicroKernel? Find(string name) =>
        name switch
        {
            "avx512" => Avx512F.IsSupported ? new Avx512MicroKernel() : null,
            "avx2" => Fma.IsSupported ? new Avx2MicroKernel() : null,
            _ => new PortableMicroKernel(),
        };
}

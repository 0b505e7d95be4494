using System.Diagnostics;

namespace Subp.Training.Tests.Distributed;

/// <summary>A test that needs mpirun; where there is none it is reported as skipped, with the reason.</summary>
public sealed class FactWithMpiAttribute : FactAttribute
{
    /// <summary>Open MPI refuses root and more ranks than processors unless it is told; others ignore these variables.</summary>
    public static readonly string[] Environment =
    [
        "OMPI_ALLOW_RUN_AS_ROOT=1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
        "OMPI_MCA_rmaps_base_oversubscribe=1",
        "OMPI_MCA_mpi_yield_when_idle=1",
    ];

    private static readonly Lazy<string?> s_problem = new(Problem);

    public FactWithMpiAttribute() => Skip = s_problem.Value;

    private static string? Problem()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("mpirun", "--version") { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : "mpirun does not run here.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no mpirun here; .ci/run installs Open MPI where it may.";
        }
    }
}

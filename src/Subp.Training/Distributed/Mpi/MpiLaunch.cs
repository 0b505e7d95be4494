namespace Subp.Training.Distributed.Mpi;

/// <summary>
/// Whether this process was started by an MPI launcher. Launchers tell their processes by environment variables; without them no library
/// is looked for.
/// </summary>
public static class MpiLaunch
{
    // mpirun of Open MPI, mpiexec of MPICH and its relatives (PMI), launchers that speak PMIx (Slurm's srun among them).
    private static readonly string[] s_variables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "PMIX_RANK"];

    /// <summary>True under a launcher.</summary>
    /// <param name="variable">Reads an environment variable; the process's own where null.</param>
    public static bool IsPresent(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        return s_variables.Any(name => variable(name) is { Length: > 0 });
    }

    /// <summary>The group that a launcher started, or this process alone where none did.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">There is a launcher, but no MPI library that fits it.</exception>
    public static IProcessGroup Join() => IsPresent() ? new MpiProcessGroup(MpiLibrary.Load()) : SingleProcess.Instance;
}

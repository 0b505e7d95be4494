using System.Runtime.InteropServices;

namespace Subp.Training.Distributed.Mpi;

/// <summary>
/// The constants of one family of MPI libraries. The standard fixes names, not values: Open MPI's handles are addresses of exported
/// objects, those of MPICH and its relatives (Intel MPI, MVAPICH, Microsoft MPI) are numbers. Both fit a machine word; where the callee
/// takes an <c>int</c>, it reads the low half.
/// </summary>
/// <param name="World">MPI_COMM_WORLD.</param>
/// <param name="Single">MPI_FLOAT.</param>
/// <param name="Double">MPI_DOUBLE.</param>
/// <param name="Byte">MPI_BYTE.</param>
/// <param name="Sum">MPI_SUM.</param>
/// <param name="InPlace">MPI_IN_PLACE: the buffer of the result is that of the operand.</param>
/// <param name="IgnoredStatus">MPI_STATUS_IGNORE.</param>
internal sealed record MpiHandles(nint World, nint Single, nint Double, nint Byte, nint Sum, nint InPlace, nint IgnoredStatus)
{
    /// <summary>The constants of the ABI that MPICH and its relatives agreed on in 2013 (mpich.org/abi).</summary>
    public static readonly MpiHandles Mpich = new(0x44000000, 0x4c00040a, 0x4c00080b, 0x4c00010d, 0x58000003, -1, 1);

    /// <summary>The constants of Open MPI, or null where the library is not Open MPI.</summary>
    public static MpiHandles? OfOpenMpi(nint library) =>
        NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world)
            ? new(
                world,
                NativeLibrary.GetExport(library, "ompi_mpi_float"),
                NativeLibrary.GetExport(library, "ompi_mpi_double"),
                NativeLibrary.GetExport(library, "ompi_mpi_byte"),
                NativeLibrary.GetExport(library, "ompi_mpi_op_sum"),
                1,
                0
            )
            : null;
}

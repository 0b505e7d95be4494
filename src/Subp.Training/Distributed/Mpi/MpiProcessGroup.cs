using System.Text;
using Subp.Core.Diagnostics;

namespace Subp.Training.Distributed.Mpi;

/// <summary>
/// All processes that an MPI launcher started (MPI_COMM_WORLD). Source: "MPI: A Message-Passing Interface Standard", version 3.1,
/// sections 5.9.6 and 5.12.6 (sums), 5.4 (broadcast), 12.4.3 (threads).
/// </summary>
public sealed unsafe class MpiProcessGroup : IProcessGroup
{
    // One thread at a time may call; which one may change.
    private const int Serialized = 2;
    private const int LongestVersion = 8192;

    private readonly MpiHandles _handles;
    private readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int> _beginSum;
    private readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, int> _sum;
    private readonly delegate* unmanaged<void*, int, nint, int, nint, int> _broadcast;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    private readonly delegate* unmanaged<nint*, nint, int> _wait;
    private readonly delegate* unmanaged<nint, int, int> _abort;
    private readonly delegate* unmanaged<int> _finalize;
    private bool _disposed;

    internal MpiProcessGroup(MpiLibrary library)
    {
        _handles = library.Handles;
        _beginSum = (delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int>)library.Function("MPI_Iallreduce");
        _sum = (delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)library.Function("MPI_Allreduce");
        _broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)library.Function("MPI_Bcast");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)library.Function("MPI_Test");
        _wait = (delegate* unmanaged<nint*, nint, int>)library.Function("MPI_Wait");
        _abort = (delegate* unmanaged<nint, int, int>)library.Function("MPI_Abort");
        _finalize = (delegate* unmanaged<int>)library.Function("MPI_Finalize");

        int provided;
        Check(((delegate* unmanaged<nint, nint, int, int*, int>)library.Function("MPI_Init_thread"))(0, 0, Serialized, &provided));
        if (provided < Serialized)
        {
            throw new SubpException(
                DiagnosticDescriptors.MpiMissing,
                "MPI_Init_thread",
                FormattableString.Invariant($"thread support of level {provided}"),
                FormattableString.Invariant($"level {Serialized}, MPI_THREAD_SERIALIZED")
            );
        }

        int rank,
            size;
        Check(((delegate* unmanaged<nint, int*, int>)library.Function("MPI_Comm_rank"))(_handles.World, &rank));
        Check(((delegate* unmanaged<nint, int*, int>)library.Function("MPI_Comm_size"))(_handles.World, &size));
        (Rank, Size) = (rank, size);
        Description = FormattableString.Invariant($"{Version(library)}, {size} ranks");
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public IPendingSum BeginSum(float[] values)
    {
        var pending = new Request(this);
        // The array is pinned by contract; the pointer stays good after the block.
        fixed (float* pointer = values)
        {
            nint request;
            Check(_beginSum((void*)_handles.InPlace, pointer, values.Length, _handles.Single, _handles.Sum, _handles.World, &request));
            pending.Handle = request;
        }

        return pending;
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values)
    {
        fixed (double* pointer = values)
            Check(_sum((void*)_handles.InPlace, pointer, values.Length, _handles.Double, _handles.Sum, _handles.World));
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes)
    {
        fixed (byte* pointer = bytes)
            Check(_broadcast(pointer, bytes.Length, _handles.Byte, 0, _handles.World));
    }

    /// <inheritdoc/>
    public void Abort(int exitCode) => _ = _abort(_handles.World, exitCode);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ = _finalize();
    }

    // By default a library ends the whole job on an error; one that is told to return it must not be believed either.
    private static void Check(int code)
    {
        if (code != 0)
            throw new InvalidOperationException(FormattableString.Invariant($"MPI returned the error {code}."));
    }

    private static string Version(MpiLibrary library)
    {
        var text = stackalloc byte[LongestVersion];
        int length;
        Check(((delegate* unmanaged<byte*, int*, int>)library.Function("MPI_Get_library_version"))(text, &length));
        var all = Encoding.ASCII.GetString(text, Math.Min(length, LongestVersion)).TrimEnd('\0');
        // "Open MPI v4.1.4, package: ..." and "MPICH Version:  4.0.2 <line> MPICH Release date: ...".
        return string.Join(' ', all.Split('\n', ',')[0].Split((char[])[' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries));
    }

    private sealed class Request(MpiProcessGroup group) : IPendingSum
    {
        private bool _complete;

        internal nint Handle { get; set; }

        public void Advance()
        {
            if (_complete)
                return;
            var request = Handle;
            int complete;
            Check(group._test(&request, &complete, group._handles.IgnoredStatus));
            (Handle, _complete) = (request, complete != 0);
        }

        public void Wait()
        {
            if (_complete)
                return;
            var request = Handle;
            Check(group._wait(&request, group._handles.IgnoredStatus));
            (Handle, _complete) = (request, true);
        }
    }
}

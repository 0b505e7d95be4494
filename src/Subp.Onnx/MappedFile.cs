using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Subp.Onnx;

/// <summary>
/// The bytes of a file, mapped instead of read: weights take half a gigabyte in some networks, and a mapped page costs memory only while it
/// is in use. Nothing may touch <see cref="MemoryManager{T}.Memory"/> once the file is disposed.
/// </summary>
internal sealed unsafe class MappedFile : MemoryManager<byte>
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly int _length;
    private byte* _start;

    private MappedFile(string path, int length)
    {
        _length = length;
        // An empty file cannot be mapped, and needs not be.
        if (length == 0)
            return;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>Maps a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be read, or holds more bytes than a span.</exception>
    public static MappedFile Open(string path)
    {
        var length = LengthOf(path);
        return length <= int.MaxValue
            ? new MappedFile(path, (int)length)
            : throw new IOException(FormattableString.Invariant($"{path} has {length} bytes, more than {int.MaxValue}."));
    }

    /// <summary>The bytes of a file. Of a symbolic link the length that the system gives is that of the path it holds.</summary>
    /// <exception cref="IOException">The file is not there.</exception>
    public static long LengthOf(string path)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.GetLength(file);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_start, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || _start is null)
            return;
        _start = null;
        _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }
}

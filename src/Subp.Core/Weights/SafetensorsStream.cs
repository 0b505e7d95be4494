using Subp.Core.Diagnostics;
using Subp.Core.Storage;

namespace Subp.Core.Weights;

/// <summary>
/// The canonical .safetensors file of a graph as a stream that is read once, from the first byte to the last: block-sparse parameters as
/// stored blocks, the others dense. The values are taken from the weights tensor by tensor, so that no second copy of the whole file is in
/// memory.
/// </summary>
public sealed class SafetensorsStream : Stream
{
    private readonly WeightFileLayout _layout;
    private readonly WeightSet _weights;
    private readonly Dictionary<string, FewBitsForm> _fewBits = new(StringComparer.Ordinal);
    private int _next;
    private ReadOnlyMemory<byte> _bytes;
    private int _offset;
    private int _position;

    /// <summary>Opens the file.</summary>
    /// <param name="layout">Where everything goes.</param>
    /// <param name="weights">The dense values of every parameter; they must not change while the stream is read.</param>
    /// <exception cref="SubpException">SUBP0302: a weight is missing. SUBP0303: it has another shape. SUBP0306: it breaks its
    /// pattern. SUBP0538: it does not fit into its bits.</exception>
    public SafetensorsStream(WeightFileLayout layout, WeightSet weights)
    {
        // Whoever reads a stream expects no diagnostics of weights from it: everything that can be wrong with them is looked for here.
        foreach (var tensor in layout.Tensors.Where(tensor => !tensor.IsScales))
        {
            var weight = weights.Require(tensor.Parameter);
            weight.RequirePattern(tensor.Parameter);
            if (tensor.Parameter.Bits is not null)
                _fewBits[tensor.Parameter.Name] = FewBitsForm.Of(tensor.Parameter, weight);
        }

        (_layout, _weights, _bytes) = (layout, weights, layout.HeaderBytes());
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _layout.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("The stream is read from its beginning to its end.");
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length)
        {
            var rest = _bytes.Span[_offset..];
            if (rest.IsEmpty)
            {
                if (!MoveNext())
                    break;
                continue;
            }

            var count = Math.Min(rest.Length, buffer.Length - read);
            rest[..count].CopyTo(buffer[read..]);
            (read, _offset, _position) = (read + count, _offset + count, _position + count);
        }

        return read;
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool MoveNext()
    {
        (_offset, _bytes) = (0, default);
        if (_next == _layout.Tensors.Count)
            return false;
        var tensor = _layout.Tensors[_next++];
        if (tensor.Offset != _position)
            throw new InvalidOperationException($"The tensor '{tensor.Parameter.Name}' lies at {tensor.Offset}, not at {_position}.");
        _bytes = Stored(tensor);
        return true;
    }

    private ReadOnlyMemory<byte> Stored(StoredTensor tensor) =>
        !_fewBits.TryGetValue(tensor.Parameter.Name, out var few) ? _weights[tensor.Parameter.Name].Stored(tensor.Parameter)
        : tensor.IsScales ? few.Scales
        : few.Packed;
}

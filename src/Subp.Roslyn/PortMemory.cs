namespace Subp.Roslyn;

/// <summary>The memory of an input or output, whose elements tools see as floats: bytes as numbers from 0 to 255.</summary>
/// <param name="port">The input or output.</param>
internal sealed class PortMemory(ModelPort port)
{
    /// <summary>Whether the elements are bytes.</summary>
    public bool IsBytes => port.IsBytes;

    /// <summary>The number of elements.</summary>
    public int Length { get; } = port.Length;

    /// <summary>The elements of a port of floats.</summary>
    public float[] Floats { get; } = new float[port.IsBytes ? 0 : port.Length];

    /// <summary>The elements of a port of bytes.</summary>
    public byte[] Bytes { get; } = new byte[port.IsBytes ? port.Length : 0];

    /// <summary>Takes as many numbers as there are elements.</summary>
    public void Fill(ReadOnlySpan<float> numbers)
    {
        if (IsBytes)
        {
            for (var index = 0; index < Bytes.Length; index++)
                Bytes[index] = (byte)Math.Clamp(numbers[index], byte.MinValue, byte.MaxValue);
        }
        else
        {
            numbers[..Length].CopyTo(Floats);
        }
    }

    /// <summary>Gives the numbers that the elements are.</summary>
    public void CopyTo(Span<float> numbers)
    {
        if (IsBytes)
        {
            for (var index = 0; index < Bytes.Length; index++)
                numbers[index] = Bytes[index];
        }
        else
        {
            Floats.CopyTo(numbers);
        }
    }
}

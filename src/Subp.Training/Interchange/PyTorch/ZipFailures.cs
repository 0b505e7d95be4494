namespace Subp.Training.Interchange.PyTorch;

/// <summary>The exceptions by which the base library refuses a zip archive that does not hold together.</summary>
internal static class ZipFailures
{
    /// <summary>Whether an exception is one of them.</summary>
    public static bool IsOne(Exception exception) =>
        exception
            is InvalidDataException
                or EndOfStreamException
                or IOException
                or ArgumentException
                or NotSupportedException
                or OverflowException;
}

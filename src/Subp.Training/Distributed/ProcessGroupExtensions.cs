namespace Subp.Training.Distributed;

/// <summary>What follows from the few operations of a group.</summary>
public static class ProcessGroupExtensions
{
    /// <summary>Gives all processes what rank 0 has, whatever its length.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="bytes">The bytes of rank 0, or null; ignored in the other processes.</param>
    /// <returns>The bytes of rank 0; null where it has none.</returns>
    public static byte[]? Share(this IProcessGroup group, byte[]? bytes)
    {
        Span<double> length = [group.Rank == 0 ? bytes?.Length ?? -1 : 0];
        group.Sum(length);
        if (length[0] < 0)
            return null;
        var shared = group.Rank == 0 ? bytes! : new byte[(int)length[0]];
        group.Broadcast(shared);
        return shared;
    }
}

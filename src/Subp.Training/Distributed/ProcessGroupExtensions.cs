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

    /// <summary>Gives all processes what each of them has. For little data: each byte travels as a number of eight.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="own">The bytes of this process, whatever their number.</param>
    /// <returns>The bytes of each process, in the order of ranks.</returns>
    public static byte[][] Gather(this IProcessGroup group, byte[] own)
    {
        var lengths = new double[group.Size];
        lengths[group.Rank] = own.Length;
        group.Sum(lengths);

        // Every place is zero in all processes but one.
        var all = new double[(int)lengths.Sum()];
        var offset = (int)lengths.Take(group.Rank).Sum();
        for (var i = 0; i < own.Length; i++)
            all[offset + i] = own[i];
        group.Sum(all);

        var parts = new byte[group.Size][];
        var position = 0;
        for (var rank = 0; rank < parts.Length; rank++)
        {
            parts[rank] = [.. all.Skip(position).Take((int)lengths[rank]).Select(value => (byte)value)];
            position += parts[rank].Length;
        }

        return parts;
    }
}

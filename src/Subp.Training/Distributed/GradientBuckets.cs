using Subp.Training.Engines;

namespace Subp.Training.Distributed;

/// <summary>
/// Averages gradients over the processes of a group while the backward pass goes on. Gradients that become complete one after the other
/// share a bucket, since few large messages cost less than many small ones; a full bucket is on its way while the layers before are
/// still computed. Source: Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", VLDB 2020, section 3.2.
/// </summary>
public sealed class GradientBuckets : IGradientExchange
{
    /// <summary>The bytes from which a bucket is sent.</summary>
    public const int DefaultBytes = 1 << 20;

    private readonly IProcessGroup _group;
    private readonly List<Bucket> _buckets = [];
    private readonly Dictionary<string, (Bucket Bucket, int Offset)> _places = new(StringComparer.Ordinal);

    /// <summary>Plans the buckets of a network; every process of the group plans the same.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="parameters">The trained parameters in the order in which their gradients become complete, with their lengths.</param>
    /// <param name="bucketBytes">The bytes from which a bucket is sent.</param>
    public GradientBuckets(IProcessGroup group, IEnumerable<(string Name, int Length)> parameters, int bucketBytes = DefaultBytes)
    {
        _group = group;
        var members = new List<(string Name, int Offset)>();
        var length = 0;
        foreach (var (name, count) in parameters)
        {
            members.Add((name, length));
            length += count;
            if (length * sizeof(float) >= bucketBytes)
                Close();
        }

        if (members.Count > 0)
            Close();

        void Close()
        {
            var bucket = new Bucket(GC.AllocateUninitializedArray<float>(length, pinned: true), members.Count);
            foreach (var (name, offset) in members)
                _places.Add(name, (bucket, offset));
            _buckets.Add(bucket);
            members.Clear();
            length = 0;
        }
    }

    /// <summary>How many messages a step takes.</summary>
    public int Count => _buckets.Count;

    /// <inheritdoc/>
    public void Send(string parameter, ReadOnlySpan<float> gradient)
    {
        var (bucket, offset) = _places[parameter];
        var share = 1f / _group.Size;
        var target = bucket.Values.AsSpan(offset, gradient.Length);
        for (var i = 0; i < gradient.Length; i++)
            target[i] = gradient[i] * share;

        if (++bucket.Filled == bucket.Members)
            bucket.Pending = _group.BeginSum(bucket.Values);
        foreach (var other in _buckets)
            other.Pending?.Advance();
    }

    /// <inheritdoc/>
    public void Receive(string parameter, Span<float> gradient)
    {
        var (bucket, offset) = _places[parameter];
        bucket.Pending?.Wait();
        bucket.Pending = null;
        bucket.Filled = 0;
        bucket.Values.AsSpan(offset, gradient.Length).CopyTo(gradient);
    }

    private sealed class Bucket(float[] values, int members)
    {
        public float[] Values { get; } = values;

        public int Members { get; } = members;

        public int Filled { get; set; }

        public IPendingSum? Pending { get; set; }
    }
}

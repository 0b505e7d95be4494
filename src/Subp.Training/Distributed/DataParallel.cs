using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Sparsification;

namespace Subp.Training.Distributed;

/// <summary>
/// Data-parallel training as the trainer sees it: every process holds the whole network and works on its part of each batch. Weights,
/// masks and random states are the same everywhere without being sent, which is checked every epoch; running statistics of
/// normalisations are each process's own while it trains, and those of rank 0 are taken over at the end of an epoch.
/// </summary>
public sealed class DataParallel
{
    private readonly IProcessGroup _group;

    /// <summary>Divides work among a group.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="batchSize">The images of a step, of all processes together.</param>
    /// <exception cref="SubpException">SUBP0540 where the images of a step cannot be divided evenly.</exception>
    public DataParallel(IProcessGroup group, int batchSize)
    {
        _group = group;
        BatchSize = batchSize / group.Size;
        if (BatchSize * group.Size != batchSize)
        {
            throw new SubpException(
                DiagnosticDescriptors.BatchNotDivisible,
                "recipe 'batchSize'",
                FormattableString.Invariant($"{batchSize} images for {group.Size} ranks"),
                FormattableString.Invariant($"a multiple of {group.Size}")
            );
        }
    }

    /// <summary>True in the process that writes the files.</summary>
    public bool IsWriter => _group.Rank == 0;

    /// <summary>The images of a step that this process works on.</summary>
    public int BatchSize { get; }

    /// <summary>The images of every batch that this process reads.</summary>
    public Shard Shard => new(_group.Rank, _group.Size);

    /// <summary>Whether something holds in all processes.</summary>
    public bool InAll(bool own)
    {
        Span<double> missing = [own ? 0 : 1];
        _group.Sum(missing);
        return missing[0] == 0;
    }

    /// <summary>Lets an engine average its gradients over the group.</summary>
    public void Connect(ITrainingEngine engine)
    {
        if (_group.Size > 1)
            engine.GradientExchange = new GradientBuckets(_group, engine.GradientOrder.Select(name => (name, engine.Values(name).Length)));
    }

    /// <summary>What all processes together saw in a step.</summary>
    public StepResult Combine(StepResult own)
    {
        Span<double> sums = [own.Loss, own.Correct];
        _group.Sum(sums);
        return new StepResult(sums[0] / _group.Size, (int)sums[1]);
    }

    /// <summary>Sums over all processes.</summary>
    public void Sum(Span<double> values) => _group.Sum(values);

    /// <summary>Takes the running statistics of rank 0 over, so that all processes evaluate and save one and the same network.</summary>
    public void ShareStatistics(ITrainingEngine engine)
    {
        if (_group.Size == 1)
            return;
        var trained = engine.GradientOrder.ToHashSet(StringComparer.Ordinal);
        var statistics = engine.Graph.Parameters.Select(parameter => parameter.Name).Where(name => !trained.Contains(name));
        foreach (string name in statistics.Concat(engine.Ranges.Select(range => range.Value)))
        {
            var values = engine.Values(name).ToArray();
            _group.Broadcast(MemoryMarshal.AsBytes(values.AsSpan()));
            engine.SetValues(name, values);
        }
    }

    /// <summary>Requires that all processes hold the same weights and masks.</summary>
    /// <exception cref="SubpException">SUBP0541 where they do not: going on would train different networks.</exception>
    public void RequireAgreement(int epoch, ITrainingEngine engine, IEnumerable<BlockMask> masks)
    {
        if (_group.Size == 1)
            return;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in engine.GradientOrder)
            hash.AppendData(MemoryMarshal.AsBytes(engine.Values(name)));
        foreach (var mask in masks)
            hash.AppendData(mask.Bytes);
        var own = hash.GetHashAndReset();
        var first = own.ToArray();
        _group.Broadcast(first);
        Span<double> different = [own.AsSpan().SequenceEqual(first) ? 0 : 1];
        _group.Sum(different);
        if (different[0] > 0)
        {
            throw new SubpException(
                DiagnosticDescriptors.RanksDisagree,
                FormattableString.Invariant($"epoch {epoch}"),
                FormattableString.Invariant($"other weights or masks than rank 0 has in {different[0]} of {_group.Size} ranks"),
                "the same in all of them"
            );
        }
    }
}

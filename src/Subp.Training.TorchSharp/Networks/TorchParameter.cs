using Subp.Training.Engines;
using Subp.Training.Sparsification;
using static TorchSharp.torch;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>
/// A parameter with its momentum and mask. Forward passes read <see cref="Leaf"/>, the end of the autograd graph. Of a masked weight that
/// is weight times mask, of one that is rounded for a network of bytes what its bytes stand for; it is computed anew for every pass, so
/// that the gradient with respect to it is the straight-through gradient of the stored weight, and no operation stands between them.
/// </summary>
internal sealed class TorchParameter : IDisposable
{
    private readonly bool _channelsLast;
    private Tensor? _effective;
    private Tensor? _mask;
    private Tensor? _pruned;
    private ByteRounding? _rounding;

    public TorchParameter(ParameterRule rule, ReadOnlySpan<float> values, Device device, bool channelsLast)
    {
        Rule = rule;
        _channelsLast = channelsLast;
        Values = Allocate(values, device);
        Momentum = rule.IsTrained ? Allocate(new float[values.Length], device) : null;
        if (rule.IsTrained)
            Values.requires_grad_(true);
    }

    public ParameterRule Rule { get; }

    /// <summary>The stored values, which masking never changes.</summary>
    public Tensor Values { get; }

    /// <summary>The momentum of the optimiser; null for running statistics.</summary>
    public Tensor? Momentum { get; }

    /// <summary>What forward passes use.</summary>
    public Tensor Leaf => _effective ?? Values;

    /// <summary>One where a weight is pruned, zero elsewhere; null where there is no mask.</summary>
    public Tensor? Pruned => _pruned;

    public void SetMask(BlockGrid grid, BlockMask mask)
    {
        float[] factors = new float[Rule.Shape.ElementCount];
        Array.Fill(factors, 1f);
        mask.Apply(grid, factors);
        Separate();
        _mask ??= Allocate(factors, Values.device);
        HostCopy.Write(_mask, factors);
        for (int i = 0; i < factors.Length; i++)
            factors[i] = 1 - factors[i];

        _pruned ??= Allocate(factors, Values.device);
        HostCopy.Write(_pruned, factors);
    }

    /// <summary>Rounds what forward passes use from here on.</summary>
    public void RoundTo(ByteRounding rounding)
    {
        _rounding = rounding;
        Separate();
    }

    /// <summary>Brings what forward passes use up to date; before every pass.</summary>
    public void Refresh()
    {
        if (_effective is null)
            return;

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        _effective.copy_(Values);
        if (_mask is not null)
            _effective.mul_(_mask);
        if (_rounding is not null)
            WeightRounding.Apply(_effective, _rounding);
    }

    public void Dispose()
    {
        Values.Dispose();
        Momentum?.Dispose();
        _effective?.Dispose();
        _mask?.Dispose();
        _pruned?.Dispose();
    }

    // From here on forward passes use something else than the stored values.
    private void Separate()
    {
        if (_effective is not null)
            return;

        Values.requires_grad_(false);
        Values.grad = null;
        _effective = Allocate(new float[Rule.Shape.ElementCount], Values.device).requires_grad_(true);
    }

    private Tensor Allocate(ReadOnlySpan<float> values, Device device)
    {
        using var scope = NewDisposeScope();
        long[] shape = [.. Rule.Shape.Dimensions.Select(extent => (long)extent)];
        var tensor = from_array(values.ToArray()).reshape(shape).to(device);
        return (_channelsLast ? Layouts.ChannelsLast(tensor) : tensor).clone().MoveToOuterDisposeScope();
    }
}

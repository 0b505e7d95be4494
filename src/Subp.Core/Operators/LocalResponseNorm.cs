using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// x / (bias + alpha / size * sum of the squares of the nearest channels) ^ beta, where the window of channels c reaches from
/// c - floor((size - 1) / 2) to c + ceil((size - 1) / 2) and ends at the first and last one (AlexNet).
/// </summary>
public sealed record LocalResponseNorm : Operator
{
    /// <summary>The number of channels in the window.</summary>
    public required int Size { get; init; }

    /// <summary>The factor of the mean square.</summary>
    public float Alpha { get; init; } = 1e-4f;

    /// <summary>The exponent.</summary>
    public float Beta { get; init; } = 0.75f;

    /// <summary>What is added to the mean square.</summary>
    public float Bias { get; init; } = 1;

    /// <inheritdoc/>
    public override string Mnemonic => "local_response_norm";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        if (context.Inputs[0].Rank < 2)
            throw context.Error($"an input of shape {context.Inputs[0]}", "[batch,channels,...]");
        context.RequireRange("size", Size, 1);
        return context.Inputs[0];
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("size", Size);
        if (Alpha != 1e-4f)
            writer.Write("alpha", Alpha);
        if (Beta != 0.75f)
            writer.Write("beta", Beta);
        if (Bias != 1)
            writer.Write("bias", Bias);
    }

    internal static Operator Read(IAttributeReader reader) =>
        new LocalResponseNorm
        {
            Size = reader.Integer("size"),
            Alpha = reader.Real("alpha", 1e-4f),
            Beta = reader.Real("beta", 0.75f),
            Bias = reader.Real("bias", 1),
        };
}

using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The mean of each channel plane: [batch,channels,height,width] to [batch,channels,1,1].</summary>
public sealed record GlobalAveragePool : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "global_avg_pool";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        return new TensorShape(image.Batch, image.Channels, 1, 1);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.Averaged(this);

    internal static Operator Read(IAttributeReader reader) => new GlobalAveragePool();
}

using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>
/// Writes the method of one register tile: the pixels of a kept channel are loaded once, each weight is broadcast and used for all of them.
/// Sums are named <c>sum{channel}_{vector}</c>.
/// </summary>
internal sealed class StripedTileMethod(StripedConvolutionPlan plan, StripedTile tile, InstructionSet set)
{
    /// <summary>The hardware fetches ahead within a page of 4 KB and starts again at each; two pages ahead is beyond that.</summary>
    private const int AheadFloats = 2048;

    private readonly VectorDialect _vectors = VectorDialect.Of(set, tile.Lanes);

    private bool HasResidual => plan.Inputs.Count > 1;

    /// <summary>The name of the method.</summary>
    public string Name => Invariant($"{plan.MethodStem}_Tile{tile.Channels}x{tile.Stripes}");

    /// <summary>Writes the method.</summary>
    public void Write(CSharpWriter writer)
    {
        var parameters = new List<string> { "float* input", "float* weights", "int* offsets" };
        if (!plan.Pattern.IsUniform)
            parameters.Add("int blocks");
        parameters.AddRange(["float* bias", "float* output"]);
        if (HasResidual)
            parameters.Add("float* residual");
        var activation = plan.Activation == Activation.None ? "" : ", " + plan.Activation.Word;
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"{tile.Channels} output channels of {KernelText.Count(tile.Stripes, "stripe")}: bias, every kept block"
                        + $"{(HasResidual ? ", residual" : "")}{activation}, store."
                ),
                $"private static void {Name}({string.Join(", ", parameters)})"
            )
        )
        {
            writer.Line(
                $"// Registers: {KernelText.Count(tile.Sums, "sum")} ({tile.Channels} output channels x "
                    + $"{KernelText.Count(tile.Vectors, "vector")} of {tile.Lanes} pixels), the pixels of one input channel, 1 weight."
            );
            for (var channel = 0; channel < tile.Channels; channel++)
            {
                writer.Line($"{_vectors.Type} {Sum(channel, 0)} = {_vectors.Broadcast(KernelText.Offset("bias", channel))};");
                for (var vector = 1; vector < tile.Vectors; vector++)
                    writer.Line($"{_vectors.Type} {Sum(channel, vector)} = {Sum(channel, 0)};");
            }

            var blocks = plan.Pattern.IsUniform ? Invariant($"{plan.Pattern.Kept(0).Count}") : "blocks";
            KeptBlockLoop.Write(writer, "input", blocks, () => WriteBlock(writer));
            WriteEnd(writer);
        }

        writer.Line();
    }

    private void WriteBlock(CSharpWriter writer)
    {
        for (var vector = 0; vector < tile.Vectors; vector++)
            writer.Line(
                $"{_vectors.Type} pixels{vector} = {_vectors.Load(KernelText.Offset("pixel", Distance(plan.Inputs[0]!, 0, vector)))};"
            );
        // A tile has half a line of weights at most; those that share one fetch it more than once.
        if (plan.StreamsWeights && set != InstructionSet.Portable)
            writer.Line($"X86::Sse.Prefetch0(weights + {AheadFloats});");

        for (var channel = 0; channel < tile.Channels; channel++)
        {
            var declaration = channel == 0 ? _vectors.Type + " " : "";
            writer.Line($"{declaration}weight = {_vectors.Broadcast(KernelText.Offset("weights", channel))};");
            for (var vector = 0; vector < tile.Vectors; vector++)
                writer.Line(
                    $"{Sum(channel, vector)} = {_vectors.MultiplyAdd(Invariant($"pixels{vector}"), "weight", Sum(channel, vector))};"
                );
        }

        writer.Line($"weights += {plan.Pattern.BlockLength};");
    }

    private void WriteEnd(CSharpWriter writer)
    {
        for (var channel = 0; channel < tile.Channels; channel++)
        {
            for (var vector = 0; vector < tile.Vectors; vector++)
            {
                var value = Sum(channel, vector);
                if (HasResidual)
                {
                    var residual = _vectors.Load(KernelText.Offset("residual", Distance(plan.Inputs[1]!, channel, vector)));
                    writer.Line($"{value} = {_vectors.Add(value, residual)};");
                }

                value = ActivationText.Apply(_vectors, plan.Activation, value);
                writer.Line(_vectors.Store(KernelText.Offset("output", Distance(plan.Output!, channel, vector)), value));
            }
        }

        // The vectors of a channel are a stripe apart, or side by side within one.
        for (var channel = 0; channel < tile.Channels; channel++)
        {
            for (var part = 0; part < StripeLayout.Pixels / tile.Lanes; part++)
                ActivationText.WriteFunction(
                    writer,
                    _vectors,
                    plan.Activation,
                    KernelText.Offset("output", Distance(plan.Output!, channel, part)),
                    tile.Stripes,
                    StripeLayout.Length(plan.Output!.Shape)
                );
        }
    }

    private static string Sum(int channel, int vector) => Invariant($"sum{channel}_{vector}");

    /// <summary>From the first pixel of the tile's first channel to a vector of one of its channels.</summary>
    private long Distance(BufferPlan buffer, int channel, int vector)
    {
        var perStripe = StripeLayout.Pixels / tile.Lanes;
        return ((long)(vector / perStripe) * StripeLayout.Length(buffer.Shape))
            + (channel * StripeLayout.Pixels)
            + (vector % perStripe * tile.Lanes);
    }
}

using System.Buffers.Binary;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Fuzzing.Mutations;
using Subp.Testing;

namespace Subp.Fuzzing.Targets;

/// <summary>
/// The reader of bundles: text and weights in one file of this program, [length of the text, 4 bytes][text][weights]. What it accepts must
/// have finite weights that keep their patterns, which writing it again checks.
/// </summary>
public sealed class BundleTarget : FuzzTarget
{
    private const int RandomNetworks = 16;
    private const int HashDigits = 64;

    /// <inheritdoc/>
    public override string Name => "bundle";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Samples { get; } =
    [
        .. Enumerable
            .Range(1, RandomNetworks)
            .Select(seed => RandomGraph.Create(seed))
            .Concat(QuantizedNetworks.All)
            .Select(model => Join(Encoding.UTF8.GetBytes(SubpTextTarget.Text(model.Graph)), ModelBundle.Write(model).Safetensors)),
    ];

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] sample, Random random)
    {
        var (text, weights) = Split(sample);
        var (otherText, otherWeights) = Split(Samples[random.Next(Samples.Count)]);
        switch (random.Next(8))
        {
            case 0:
                return Join(text, otherWeights);
            case < 4:
                weights = SafetensorsMutations.Apply(weights, otherWeights, random);
                break;
            default:
                text = random.Next(4) == 0 ? ByteMutations.Apply(text, otherText, random) : TextMutations.Apply(text, random);
                break;
        }

        return Join(text, random.Next(4) > 0 ? WithHashOf(text, weights) : weights);
    }

    /// <inheritdoc/>
    public override object Read(byte[] bytes)
    {
        var (text, weights) = Split(bytes);
        return ModelBundle.Read(Encoding.UTF8.GetString(text), "net.subp", weights, "net.safetensors").Model;
    }

    /// <inheritdoc/>
    public override void Check(object result)
    {
        var model = (Model)result;
        GraphVerifier.Verify(model.Graph);
        _ = ModelBundle.Write(model);
    }

    // Weights of another structure are refused at once; with the hash of the changed structure they reach the checks behind that.
    private static byte[] WithHashOf(byte[] text, byte[] weights)
    {
        var key = "\"structure\":\""u8;
        var start = weights.AsSpan().IndexOf(key) + key.Length;
        if (start < key.Length || start + HashDigits > weights.Length)
            return weights;
        try
        {
            var hash = StructureHash.Compute(SubpParser.Parse(Encoding.UTF8.GetString(text), "net.subp").Graph);
            byte[] changed = [.. weights];
            Encoding.ASCII.GetBytes(hash, changed.AsSpan(start, HashDigits));
            return changed;
        }
        catch (SubpException)
        {
            return weights;
        }
    }

    private static byte[] Join(byte[] text, byte[] weights)
    {
        byte[] joined = [0, 0, 0, 0, .. text, .. weights];
        BinaryPrimitives.WriteInt32LittleEndian(joined, text.Length);
        return joined;
    }

    private static (byte[] Text, byte[] Weights) Split(byte[] joined)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(joined);
        return (joined[4..(4 + length)], joined[(4 + length)..]);
    }
}

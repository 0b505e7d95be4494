using Subp.Cli.Inputs;
using Subp.Cli.Quantizing;
using Subp.Compiler.Passes;
using Subp.Compression.Quantizing;
using Subp.Core.Weights;

namespace Subp.Benchmarks.Peers.Integers;

/// <summary>Makes networks of bytes for the comparison.</summary>
internal static class IntegerNetwork
{
    // Other numbers than those that are timed, of the same distribution. Ranges of random inputs hardly differ.
    private const ulong CalibrationSeed = 100;
    private const int CalibrationInputs = 2;
    private const double Share = 63 / 127.0;

    /// <summary>The network in bytes, with ranges from random inputs; weights from -127 to 127.</summary>
    /// <param name="packed">The pruned and packed network of floats.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static Model Quantize(Model packed, CancellationToken cancellation) => Quantize(packed, FusedNetwork.Of(packed), cancellation);

    /// <summary>
    /// The network in bytes as tools that quantise write it: a residual addition is a node of its own, between bytes. ONNX Runtime
    /// computes a convolution on bytes only where its result becomes bytes before anything else reads it. Of a network whose additions are
    /// part of convolutions it would compute every second or third convolution on floats.
    /// </summary>
    /// <param name="packed">The pruned and packed network of floats.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static Model QuantizeForOnnxRuntime(Model packed, CancellationToken cancellation)
    {
        var graph = packed.Graph;
        GraphPass[] passes = [new DropDeadNodes(), new FoldPad(), new FuseActivation { ClampsOnly = true }];
        foreach (var pass in passes)
            graph = pass.Run(graph);
        return Quantize(packed, packed with { Graph = graph }, cancellation);
    }

    /// <summary>
    /// The same network with weights from -63 to 63, so that the sum of two products fits into 16 bits and kernels without VNNI add pairs
    /// before they widen. Steps of weights are about twice as large, and biases count half as many of them.
    /// </summary>
    /// <param name="model">A network of bytes.</param>
    public static Model WithNarrowWeights(Model model)
    {
        var weights = new WeightSet();
        foreach (var parameter in model.Graph.Parameters)
            weights[parameter.Name] = model.Weights[parameter.Name];
        foreach (var node in model.Graph.Nodes)
        {
            var uses = node.Operator.Parameters.ToDictionary(use => use.Role, use => use.Name);
            if (!uses.TryGetValue("weight_scale", out var scale))
                continue;
            var (steps, bytes) = (model.Weights[scale], model.Weights[uses["weight"]]);
            weights[scale] = new WeightTensor(steps.Shape, [.. steps.Values.Select(value => (float)(value / Share))]);
            weights[uses["weight"]] = WeightTensor.FromSignedBytes(
                bytes.Shape,
                [.. bytes.SignedBytes.Select(value => (sbyte)Math.Round(value * Share))]
            );
            if (!uses.TryGetValue("bias", out var bias))
                continue;
            var sums = model.Weights[bias];
            weights[bias] = WeightTensor.FromIntegers(sums.Shape, [.. sums.Integers.Select(value => (int)Math.Round(value * Share))]);
        }

        return model with
        {
            Weights = weights,
        };
    }

    private static Model Quantize(Model packed, Model fused, CancellationToken cancellation)
    {
        var inputs = InputSet.OfRandom(packed.Graph.Inputs[0].Shape, CalibrationInputs, CalibrationSeed);
        var options = new Int8Options { Calibration = [.. Enumerable.Range(0, inputs.Count).Select(index => inputs[index])] };
        return Int8Conversion.Convert(packed, fused, options, cancellation).Model;
    }
}

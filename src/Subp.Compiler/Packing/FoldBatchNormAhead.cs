using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Folds a batch normalisation into the layers that read it, where no layer before it could take it, as behind an activation: with the
/// normalisation x * m + b, the weights of input channel c become w * m[c], and the bias of an output channel grows by the sum of w * b
/// over its inputs. Only into layers without padding, whose zeros would have to be b too. A pruned block stays zero.
/// </summary>
public sealed class FoldBatchNormAhead : PackingPass
{
    /// <inheritdoc/>
    public override string Name => "fold-batch-norm-ahead";

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        var graph = model.Graph;
        var edit = new NetworkEdit(model);
        edit.Nodes.AddRange(graph.Nodes);
        var changed = false;
        foreach (var node in graph.Nodes)
        {
            // A reader may have taken another normalisation by now, never this one.
            if (node.Operator is not BatchNorm { Activation.Word: "none" } normalization || graph.IsOutput(node.Name))
                continue;
            var readers = graph.ConsumersOf(node.Name);
            var factors = NormalizationFactors.Of(normalization, name => edit[name]);
            if (readers.Count == 0 || !readers.All(reader => Takes(edit, reader, node.Name, factors)))
                continue;
            foreach (var reader in readers)
            {
                var index = edit.Nodes.FindIndex(other => other.Name == reader.Name);
                edit.Nodes[index] = Fold(edit, edit.Nodes[index], factors) with { Inputs = node.Inputs };
            }

            edit.Nodes.RemoveAll(other => other.Name == node.Name);
            changed = true;
        }

        return changed ? edit.Finish(graph.Outputs) : model;
    }

    private static bool Takes(NetworkEdit edit, GraphNode reader, string value, NormalizationFactors factors)
    {
        var weight = reader.Operator switch
        {
            Conv2d convolution when convolution.Window.Padding == Padding.None && reader.Inputs.Count == 1 => convolution.Weight,
            Linear linear when reader.Shape.IsVector => linear.Weight,
            _ => null,
        };
        return weight is not null
            && reader.Inputs[0] == value
            && edit[weight] is { Element: ElementType.Float32 } tensor
            && !edit.SharesParameters(reader)
            // One factor for all inputs of a filter leaves weights of few bits what they are.
            && (
                tensor.Shape[1] == 1
                || Array.TrueForAll(factors.Multipliers, factor => factor == factors.Multipliers[0])
                || !IsOfFewBits(weight, tensor)
            );
    }

    private static bool IsOfFewBits(string name, WeightTensor weight) =>
        GridValues.Find(new Parameter(name, weight.Shape), weight) is not null;

    private static GraphNode Fold(NetworkEdit edit, GraphNode reader, NormalizationFactors factors)
    {
        switch (reader.Operator)
        {
            case Conv2d convolution:
                var bias = Fold(edit, reader.Name, convolution.Weight, convolution.Bias, factors, convolution.Groups);
                return reader with { Operator = convolution with { Bias = bias } };
            case Linear linear:
                return reader with
                {
                    Operator = linear with { Bias = Fold(edit, reader.Name, linear.Weight, linear.Bias, factors, groups: 1) },
                };
            default:
                throw new InvalidOperationException("Only a layer with weights takes a batch normalisation.");
        }
    }

    // Returns the name of the bias.
    private static string Fold(
        NetworkEdit edit,
        string layer,
        string weightName,
        string? biasName,
        NormalizationFactors factors,
        int groups
    )
    {
        var weight = edit[weightName];
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var perInput = weight.Values.Length / outputs / inputs;
        int Channel(int index)
        {
            var output = index / (inputs * perInput);
            return (output / (outputs / groups) * inputs) + (index / perInput % inputs);
        }

        var sums = new double[outputs];
        for (var index = 0; index < weight.Values.Length; index++)
            sums[index / (inputs * perInput)] += weight.Values[index] * factors.Offsets[Channel(index)];
        var bias = biasName is null ? new float[outputs] : edit[biasName].Values;
        edit[weightName] = new WeightTensor(
            weight.Shape,
            ScaledWeight.Of(new Parameter(weightName, weight.Shape), weight, index => factors.Multipliers[Channel(index)])
        );
        return edit.SetBias(layer, weightName, biasName, [.. sums.Select((sum, output) => (float)(bias[output] + sum))]);
    }
}

using Subp.Compression.Algebra;
using Subp.Compression.Propagation;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>A layer that reads all its input channels, some of which go: it can do with the others what the removed ones did.</summary>
internal sealed class ChannelReader
{
    // Of the mean variance of the channels.
    private const double RelativeRidge = 1e-4;

    private readonly Model _model;
    private readonly LayerForm _form;
    private readonly double[] _scale;

    private ChannelReader(Model model, LayerForm form, LayerStatistics? statistics)
    {
        _model = model;
        _form = form;
        Statistics = statistics;
        _scale = Normalisation.Of(model.Graph, form.Node) is { } norm
            ? norm.Scale(model.Weights)
            : [.. Enumerable.Repeat(1.0, form.Outputs)];
        Inputs = model.Weights[form.Weight].Shape.ElementCount / (form.Outputs * form.Taps);
        var blocks = new Matrix(Inputs, form.Outputs * form.Taps);
        var values = model.Weights[form.Weight].Values;
        for (var channel = 0; channel < Inputs; channel++)
        {
            for (var column = 0; column < blocks.Columns; column++)
                blocks[channel, column] = values[Place(channel, column)];
        }

        double[] importance = [.. Enumerable.Range(0, blocks.Columns).Select(column => _scale[column / form.Taps]).Select(f => f * f)];
        Elimination = new Elimination(
            blocks,
            importance,
            statistics is null ? Matrix.Identity(Inputs) : Elimination.Invert(statistics.Input.Covariance, RelativeRidge)
        );
        Whole = Math.Max(Elimination.Alive.Sum(Elimination.Loss), double.Epsilon);
    }

    /// <summary>The layer.</summary>
    public GraphNode Node => _form.Node;

    /// <summary>What is known of its input; null where nothing is.</summary>
    public LayerStatistics? Statistics { get; }

    /// <summary>Its input channels; of a flattened image the channels of the image.</summary>
    public int Inputs { get; }

    /// <summary>The state of its input channels.</summary>
    public Elimination Elimination { get; }

    /// <summary>The loss of all single channels together, to compare layers by.</summary>
    public double Whole { get; }

    /// <summary>All layers of a network that read whole channels, and share their weights with no other layer.</summary>
    public static IReadOnlyDictionary<string, ChannelReader> All(Model model, IReadOnlyDictionary<string, LayerStatistics> statistics) =>
        model
            .Graph.Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } or Linear)
            .Select(node => (Node: node, Known: statistics.GetValueOrDefault(node.Name)))
            .Select(pair => (pair.Known, Form: pair.Known?.Form ?? LayerForm.Find(model.Graph, pair.Node)))
            .Where(pair => pair.Form is not null && LayerForm.HasOwnWeights(model.Graph, pair.Form.Node))
            .Select(pair => new ChannelReader(model, pair.Form!, pair.Known))
            .ToDictionary(reader => reader.Node.Name, StringComparer.Ordinal);

    /// <summary>The input channels of the layer that a unit takes away.</summary>
    public int[] ChannelsOf(IReadOnlyList<(string Value, int Channel)> unit)
    {
        var pixels = _model.Graph.ShapeOf(Node.Inputs[0]).Channels / Inputs;
        return [.. unit.Where(member => member.Value == Node.Inputs[0]).Select(member => member.Channel / pixels).Distinct()];
    }

    /// <summary>The weights [out, in, taps] of blocks [in, out x taps].</summary>
    public float[] Weights(Matrix blocks)
    {
        var values = new float[blocks.Values.Length];
        for (var channel = 0; channel < Inputs; channel++)
        {
            for (var column = 0; column < blocks.Columns; column++)
                values[Place(channel, column)] = (float)blocks[channel, column];
        }

        return values;
    }

    /// <summary>The weights in which each removed channel is replaced by a combination of kept ones: [kept, removed].</summary>
    public float[] Combined(IReadOnlyList<int> kept, IReadOnlyList<int> removed, Matrix combinations)
    {
        var values = _model.Weights[_form.Weight].Values;
        var blocks = new Matrix(Inputs, _form.Outputs * _form.Taps);
        for (var channel = 0; channel < Inputs; channel++)
        {
            for (var column = 0; column < blocks.Columns; column++)
                blocks[channel, column] = values[Place(channel, column)];
        }

        for (var row = 0; row < kept.Count; row++)
        {
            for (var column = 0; column < removed.Count; column++)
                Matrix.AddScaled(blocks.Row(kept[row]), combinations[row, column], blocks.Row(removed[column]));
        }

        foreach (var channel in removed)
            blocks.Row(channel).Clear();
        return Weights(blocks);
    }

    private int Place(int channel, int column) => (((column / _form.Taps * Inputs) + channel) * _form.Taps) + (column % _form.Taps);
}

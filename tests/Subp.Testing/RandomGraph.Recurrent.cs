using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>Recurrent layers over the first axis.</summary>
public sealed partial class RandomGraph
{
    private string Recurrent(string value, TensorShape shape)
    {
        const int MostUnits = 40;
        var hidden = _random.Next(1, MostUnits);
        var kind = (RecurrenceKind)_random.Next(3);
        var resets = kind == RecurrenceKind.Gru && Chance(1, 2);
        var layer = new Recurrence
        {
            Kind = kind,
            Weight = Name("recurrent"),
            IsReverse = Chance(1, 2),
            KeepsCell = kind == RecurrenceKind.Lstm && Chance(1, 4),
            IsRelu = kind == RecurrenceKind.Simple && Chance(1, 4),
            ResetsProduct = resets,
            Bias = resets ? _builder.Parameter(Name("bias"), new TensorShape(hidden)) : null,
        };
        _builder.Parameter(layer.Weight, new TensorShape(layer.Gates * hidden, hidden));
        var (steps, features) = (shape[0], shape[shape.Rank - 1]);
        var sequences = _builder.Node(Name("steps"), new Reshape(steps, shape.ElementCount / steps / features, features), value);
        var linear = new Linear { Weight = _builder.Parameter(Name("weight"), new TensorShape(layer.Gates * hidden, features)) };
        return _builder.Node(Name("remembered"), layer, _builder.Node(Name("projected"), linear, sequences));
    }
}

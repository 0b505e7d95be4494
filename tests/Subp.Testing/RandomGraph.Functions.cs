using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>Functions of one or two values, each where a rounding of its argument is no other result.</summary>
public sealed partial class RandomGraph
{
    private static readonly ActivationKind[] s_smooth =
    [
        ActivationKind.Tanh,
        ActivationKind.Elu,
        ActivationKind.Celu,
        ActivationKind.Selu,
        ActivationKind.LeakyRelu,
        ActivationKind.Softplus,
        ActivationKind.Softsign,
        ActivationKind.Mish,
        ActivationKind.Gelu,
        ActivationKind.GeluTanh,
        ActivationKind.Erf,
        ActivationKind.Abs,
        ActivationKind.Neg,
        ActivationKind.Sin,
        ActivationKind.Cos,
        ActivationKind.Atan,
        ActivationKind.Asinh,
    ];

    // Defined, or tame, between 0.1 and 0.9 only; acosh ten times as far to the right.
    private static readonly ActivationKind[] s_bounded =
    [
        ActivationKind.Exp,
        ActivationKind.Log,
        ActivationKind.Sqrt,
        ActivationKind.Reciprocal,
        ActivationKind.Tan,
        ActivationKind.Asin,
        ActivationKind.Acos,
        ActivationKind.Sinh,
        ActivationKind.Cosh,
        ActivationKind.Atanh,
        ActivationKind.Acosh,
    ];

    private static readonly ActivationKind[] s_stepped =
    [
        ActivationKind.ThresholdedRelu,
        ActivationKind.Shrink,
        ActivationKind.Floor,
        ActivationKind.Ceil,
        ActivationKind.Round,
        ActivationKind.Truncate,
        ActivationKind.Sign,
        ActivationKind.Not,
        ActivationKind.IsNaN,
    ];

    private string Function(string value)
    {
        if (Chance(2, 3))
            return _builder.Node(Name("function"), new Activate(Activation.Of(Drawn(s_smooth))), value);
        var kind = Drawn(s_bounded);
        var bounded = Bounded(value, kind == ActivationKind.Acosh ? 10 : 1);
        return _builder.Node(Name("function"), new Activate(Activation.Of(kind)), bounded);
    }

    private string Bounded(string value, float factor = 1) =>
        _builder.Node(Name("bounded"), new Activate { Activation = new Activation(0.1f * factor, 0.9f * factor) }, value);

    // Steps and masks of the input itself, which no instruction set rounds.
    private string Stepped(string value, TensorShape shape)
    {
        var step = Chance(1, 2)
            ? _builder.Node(Name("step"), new Activate(Activation.Of(Drawn(s_stepped))), value)
            : Compared(value, OtherOf(shape));
        return _builder.Node(Name("sum"), new Add(), value, step);
    }

    private string Compared(string value, string other)
    {
        BinaryKind[] comparisons =
        [
            BinaryKind.Greater,
            BinaryKind.GreaterOrEqual,
            BinaryKind.Less,
            BinaryKind.LessOrEqual,
            BinaryKind.Equal,
            BinaryKind.Modulo,
            BinaryKind.Remainder,
        ];
        var larger = _builder.Node(Name("larger"), new Binary { Kind = BinaryKind.Maximum }, value, other);
        var compared = _builder.Node(Name("compared"), new Binary { Kind = Drawn(comparisons) }, value, Chance(1, 2) ? other : larger);
        if (Chance(1, 2))
            return compared;
        BinaryKind[] masks = [BinaryKind.And, BinaryKind.Or, BinaryKind.ExclusiveOr];
        var mask = _builder.Node(Name("mask"), Activate.Relu, value);
        return _builder.Node(Name("both"), new Binary { Kind = Drawn(masks) }, compared, mask);
    }

    // A parameter that has some of the axes of a value.
    private string OtherOf(TensorShape shape)
    {
        int[] other = [.. shape.Dimensions.Skip(_random.Next(shape.Rank)).Select(extent => Chance(1, 3) ? 1 : extent)];
        var name = Name("constant");
        return _builder.Node(name, new Constant { Value = _builder.Parameter($"{name}.value", new TensorShape(other)) });
    }

    private string Combined(string value, TensorShape shape)
    {
        var constant = OtherOf(shape);
        BinaryKind[] kinds =
        [
            BinaryKind.Subtract,
            BinaryKind.Minimum,
            BinaryKind.Maximum,
            BinaryKind.ParametricRelu,
            BinaryKind.Divide,
            BinaryKind.Power,
        ];
        switch (_random.Next(3))
        {
            case 0:
                return _builder.Node(Name("sum"), new Add { Activation = Activation.Relu }, constant, value);
            case 1:
                return _builder.Node(Name("product"), new Mul(), value, constant);
        }

        var pair = new Binary { Kind = Drawn(kinds) };
        return pair.Kind switch
        {
            BinaryKind.Divide => _builder.Node(Name("pair"), pair, value, Bounded(constant)),
            BinaryKind.Power => _builder.Node(Name("pair"), pair, Bounded(value), constant),
            _ => _builder.Node(Name("pair"), pair, value, constant),
        };
    }

    private T Drawn<T>(T[] choices) => choices[_random.Next(choices.Length)];
}

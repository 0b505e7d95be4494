using Subp.Core.Operators;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The functions of vectors that emitted code calls: the first lanes of a vector in memory, and element-wise mathematics. Each is one small
/// method, compiled into its caller; a model has those that it needs.
/// </summary>
internal static class VectorFunctions
{
    /// <summary>Reading and writing the first lanes of a vector.</summary>
    public const string LoadFirst = "LoadFirst",
        StoreFirst = "StoreFirst";

    /// <summary>A vector with another value in all lanes but the first.</summary>
    public const string KeepFirst = "KeepFirst";

    /// <summary>The largest, the smallest and the product of all lanes.</summary>
    public const string LargestLane = "LargestLane",
        SmallestLane = "SmallestLane",
        ProductOfLanes = "ProductOfLanes";

    /// <summary>e^x where results below the normal numbers may be 0.</summary>
    public const string ExpOfSums = "ExpOfSums";

    private static readonly Dictionary<string, (string[] Needs, Func<VectorDialect, string> Text)> s_functions = new(StringComparer.Ordinal)
    {
        [LoadFirst] = ([], PartialVectors.Load),
        [StoreFirst] = ([], PartialVectors.Store),
        [KeepFirst] = ([], PartialVectors.Keep),
        [LargestLane] = ([], vectors => LaneFunctions.Across(vectors, LargestLane, (simd, left, right) => $"{simd}.Max({left}, {right})")),
        [SmallestLane] = (
            [],
            vectors => LaneFunctions.Across(vectors, SmallestLane, (simd, left, right) => $"{simd}.Min({left}, {right})")
        ),
        [ProductOfLanes] = ([], vectors => LaneFunctions.Across(vectors, ProductOfLanes, (_, left, right) => $"{left} * {right}")),
        ["Exp"] = ([], VectorMathematics.Exp),
        [ExpOfSums] = ([], VectorMathematics.ExpOfSums),
        ["Sigmoid"] = ([ExpOfSums], VectorMathematics.Sigmoid),
        ["Silu"] = ([ExpOfSums], VectorMathematics.Silu),
        ["Tanh"] = ([ExpOfSums], VectorMathematics.Tanh),
        ["ExpMinusOne"] = (["Exp"], VectorMathematics.ExpMinusOne),
        ["Elu"] = (["ExpMinusOne"], VectorMathematics.Elu),
        ["Celu"] = (["ExpMinusOne"], VectorMathematics.Celu),
        ["Selu"] = (["ExpMinusOne"], VectorMathematics.Selu),
        ["LeakyRelu"] = ([], VectorMathematics.LeakyRelu),
        ["ThresholdedRelu"] = ([], VectorMathematics.ThresholdedRelu),
        ["Shrink"] = ([], VectorMathematics.Shrink),
        ["Softplus"] = ([ExpOfSums], VectorMathematics.Softplus),
        ["Softsign"] = ([], VectorMathematics.Softsign),
        ["Mish"] = (["Exp"], VectorMathematics.Mish),
        ["Erf"] = ([], VectorMathematics.Erf),
        ["Gelu"] = (["Erf"], VectorMathematics.Gelu),
        ["GeluTanh"] = (["Sigmoid"], VectorMathematics.GeluTanh),
        ["Log"] = ([], vectors => VectorMathematics.Library(vectors, "Log", "Log", "the natural logarithm")),
        ["Sqrt"] = ([], vectors => VectorMathematics.Library(vectors, "Sqrt", "Sqrt", "the square root")),
        ["Abs"] = ([], vectors => VectorMathematics.Library(vectors, "Abs", "Abs", "the magnitude")),
        ["Floor"] = ([], vectors => VectorMathematics.Library(vectors, "Floor", "Floor", "the integer not above x")),
        ["Ceil"] = ([], vectors => VectorMathematics.Library(vectors, "Ceil", "Ceiling", "the integer not below x")),
        ["Round"] = ([], vectors => VectorMathematics.Library(vectors, "Round", "Round", "the nearest integer, of two the even one")),
        ["Truncate"] = ([], vectors => VectorMathematics.Library(vectors, "Truncate", "Truncate", "x without its fraction")),
        ["Sin"] = ([], vectors => VectorMathematics.Library(vectors, "Sin", "Sin", "the sine")),
        ["Cos"] = ([], vectors => VectorMathematics.Library(vectors, "Cos", "Cos", "the cosine")),
        ["Reciprocal"] = ([], VectorMathematics.Reciprocal),
        ["Neg"] = ([], VectorMathematics.Neg),
        ["Sign"] = ([], VectorMathematics.Sign),
        ["Not"] = ([], VectorMathematics.Not),
        ["IsNaN"] = ([], VectorMathematics.IsNaN),
        ["Power"] = ([], VectorPower.Power),
        ["Modulo"] = (
            [],
            vectors => LaneFunctions.Binary(vectors, "Modulo", "(float)(x - System::Math.Floor((double)x / y) * y)", "x - floor(x / y) * y")
        ),
        ["Remainder"] = ([], vectors => LaneFunctions.Binary(vectors, "Remainder", "x % y", "the remainder of x / y rounded towards zero")),
    };

    // What networks hardly ever use: lane by lane, with the functions of the base library.
    private static readonly string[] s_laneByLane = ["Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh"];

    static VectorFunctions()
    {
        foreach (var name in s_laneByLane)
            s_functions[name] = ([], vectors => LaneFunctions.Unary(vectors, name));
    }

    /// <summary>The name of the function of an activation that is no clamp.</summary>
    public static string NameOf(ActivationKind kind) => kind.ToString();

    /// <summary>The numbers of an activation, in the order in which its function takes them.</summary>
    public static IReadOnlyList<float> Numbers(Activation activation) =>
        activation.Kind switch
        {
            ActivationKind.Selu or ActivationKind.Shrink => [activation.Alpha, activation.Beta],
            ActivationKind.Elu or ActivationKind.Celu or ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu => [activation.Alpha],
            _ => [],
        };

    /// <summary>A call of the function of an activation, with its numbers.</summary>
    public static string Call(VectorDialect vectors, Activation activation, string value)
    {
        var numbers = string.Concat(Numbers(activation).Select(number => $", {vectors.Constant(Runtime.CSharpText.Literal(number))}"));
        return $"{NameOf(activation.Kind)}({value}{numbers})";
    }

    /// <summary>Some functions and all that they call, each once, those that are called first.</summary>
    public static IReadOnlyList<string> Closure(IEnumerable<string> names)
    {
        var all = new List<string>();
        foreach (var name in names.OrderBy(name => name, StringComparer.Ordinal))
            Add(name);
        return all;

        void Add(string name)
        {
            if (all.Contains(name))
                return;
            foreach (var need in s_functions[name].Needs)
                Add(need);
            all.Add(name);
        }
    }

    /// <summary>Writes a function.</summary>
    public static void Write(CSharpWriter writer, string name, VectorDialect vectors) => writer.Line(s_functions[name].Text(vectors));
}

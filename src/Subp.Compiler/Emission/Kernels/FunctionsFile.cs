using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// Writes the methods that apply a sigmoid, SiLU or another function to vectors in memory, one per instruction set, function and vector length
/// that the network needs.
/// </summary>
internal static class FunctionsFile
{
    /// <summary>The name of a method: <c>Sigmoid16</c> works on vectors of sixteen lanes.</summary>
    public static string NameOf(ActivationKind kind, int lanes) => Invariant($"{kind}{lanes}");

    /// <summary>The file, or null where no layer needs a function.</summary>
    public static EmittedFile? Write(ModelPlan plan)
    {
        if (!Callers(plan).Any())
            return null;
        return ModelFileScope.Write(
            plan,
            ".Functions",
            _ => { },
            writer =>
            {
                var first = true;
                foreach (var set in plan.Options.InstructionSets)
                {
                    if (!first)
                        writer.Line();
                    first = false;
                    WriteSet(writer, plan, set);
                }
            }
        );
    }

    private static void WriteSet(CSharpWriter writer, ModelPlan plan, InstructionSet set)
    {
        var functions = Callers(plan)
            .Select(layer => (layer.Activation.Kind, Lanes: Lanes(layer, set), Numbers: VectorFunctions.Numbers(layer.Activation).Count))
            .Distinct()
            .OrderBy(function => function.Kind)
            .ThenByDescending(function => function.Lanes);
        using (writer.Block($"private static unsafe partial class {KernelText.ClassOf(set)}"))
        {
            var first = true;
            foreach (var (kind, lanes, numbers) in functions)
            {
                if (!first)
                    writer.Line();
                first = false;
                if (HasOwnText(kind))
                    WriteMethod(writer, kind, VectorDialect.Of(set, lanes));
                else
                    WriteLoop(writer, kind, numbers, VectorDialect.Of(set, lanes));
            }
        }
    }

    /// <summary>The functions of <see cref="VectorFunctions"/> that the methods for a layer call, and the lanes of their vectors.</summary>
    public static IEnumerable<(string Name, int Lanes)> VectorFunctionsOf(LayerPlan layer, InstructionSet set) =>
        NeedsMethod(layer) && !HasOwnText(layer.Activation.Kind)
            ? [(VectorFunctions.NameOf(layer.Activation.Kind), Lanes(layer, set))]
            : [];

    /// <summary>The numbers of an activation as further arguments, <c>, 0.5f</c>.</summary>
    public static string Numbers(Activation activation) =>
        string.Concat(VectorFunctions.Numbers(activation).Select(number => ", " + CSharpText.Literal(number)));

    private static IEnumerable<LayerPlan> Callers(ModelPlan plan) => plan.Layers.Where(NeedsMethod);

    private static bool NeedsMethod(LayerPlan layer) =>
        layer.OfFamily.ActivationLanes(InstructionSet.Portable) is not null && ActivationText.NeedsFunction(layer.Activation);

    private static bool HasOwnText(ActivationKind kind) => kind is ActivationKind.Sigmoid or ActivationKind.Silu;

    private static int Lanes(LayerPlan layer, InstructionSet set) => layer.OfFamily.ActivationLanes(set)!.Value;

    private static void WriteLoop(CSharpWriter writer, ActivationKind kind, int numbers, VectorDialect vectors)
    {
        string[] names = [.. new[] { "alpha", "beta" }.Take(numbers)];
        var parameters = string.Concat(names.Select(name => $", float {name}"));
        var arguments = string.Concat(names.Select(name => $", {vectors.Constant(name)}"));
        writer.Line(
            $$"""
            /// <summary>Replaces vectors of {{vectors.Lanes}} floats, <paramref name="step"/> floats apart, by {{VectorFunctions.NameOf(
                kind
            )}} of them.</summary>
            [Runtime::SkipLocalsInit]
            {{KernelText.Attribute}}
            private static void {{NameOf(kind, vectors.Lanes)}}(float* values, int count, int step{{parameters}})
            {
                for (int index = 0; index < count; index++, values += step)
                    {{vectors.Store("values", $"{VectorFunctions.NameOf(kind)}({vectors.Load("values")}{arguments})")}}
            }
            """
        );
    }

    /// <summary>
    /// The exponential is the textbook one. The Taylor series of degree 7 leaves r^8 / 8!, which at |r| = 0.347 is 5e-9 and so far below
    /// half a unit of the last place (6e-8); the rest of the error is rounding, 2 units in all.
    /// </summary>
    private static void WriteMethod(CSharpWriter writer, ActivationKind kind, VectorDialect vectors)
    {
        var lanes = vectors.Lanes;
        var vector = Invariant($"Simd::Vector{lanes * 32}");
        var clamped = vectors.Min(vectors.Constant("89f"), vectors.Max(vectors.Constant("-87f"), "-x"));
        var formula = kind == ActivationKind.Silu ? "x / (1 + e^-x)" : "1 / (1 + e^-x)";
        writer.Line(
            $$"""
            /// <summary>Replaces vectors of {{lanes}} floats, <paramref name="step"/> floats apart, by {{formula}}.</summary>
            [Runtime::SkipLocalsInit]
            [Runtime::MethodImpl(KernelCode)]
            private static void {{NameOf(kind, lanes)}}(float* values, int count, int step)
            {
                for (int index = 0; index < count; index++, values += step)
                {
                    {{vector}}<float> x = {{vector}}.Load(values);
                    // t = -x, cut below the range of floats, and above it where 2^n is infinite.
                    {{vector}}<float> t = {{clamped}};
                    // e^t = 2^n e^r with n = round(t / ln 2) and r = t - n ln 2, so |r| <= 0.347. ln 2 is the sum of a number of ten bits,
                    // whose product with n is exact, and a small rest. Adding and taking away 1.5 * 2^23 rounds.
                    {{vector}}<float> n = {{vector}}.MultiplyAddEstimate(t, {{vector}}.Create(1.44269504f), {{vector}}.Create(12582912f)) - {{vector}}.Create(12582912f);
                    {{vector}}<float> r = {{vector}}.MultiplyAddEstimate(n, {{vector}}.Create(-0.693359375f), t);
                    r = {{vector}}.MultiplyAddEstimate(n, {{vector}}.Create(2.12194440e-4f), r);
                    // e^r = 1 + r + r^2 / 2! + ... + r^7 / 7!; what is left out is below 1e-8.
                    {{vector}}<float> e = {{vector}}.MultiplyAddEstimate(r, {{vector}}.Create(1f / 5040f), {{vector}}.Create(1f / 720f));
                    e = {{vector}}.MultiplyAddEstimate(r, e, {{vector}}.Create(1f / 120f));
                    e = {{vector}}.MultiplyAddEstimate(r, e, {{vector}}.Create(1f / 24f));
                    e = {{vector}}.MultiplyAddEstimate(r, e, {{vector}}.Create(1f / 6f));
                    e = {{vector}}.MultiplyAddEstimate(r, e, {{vector}}.Create(0.5f));
                    e = {{vector}}.MultiplyAddEstimate(r, e, {{vector}}.Create(1f));
                    e = {{vector}}.MultiplyAddEstimate(r, e, {{vector}}.Create(1f));
                    // 2^n is a float whose exponent bits are n + 127, infinity for n = 128. A NaN arrives through e.
                    {{vector}}<float> power = {{vector}}.AsSingle(({{vector}}.ConvertToInt32Native(n) + {{vector}}.Create(127)) << 23);
                    {{vector}}<float> divisor = {{vector}}.MultiplyAddEstimate(e, power, {{vector}}.Create(1f));
                    {{vector}}.Store({{(kind == ActivationKind.Silu ? "x" : vector + ".Create(1f)")}} / divisor, values);
                }
            }
            """
        );
    }
}

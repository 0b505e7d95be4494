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
                WriteMethod(writer, kind, numbers, VectorDialect.Of(set, lanes));
            }
        }
    }

    /// <summary>The functions of <see cref="VectorFunctions"/> that the methods for a layer call, and the lanes of their vectors.</summary>
    public static IEnumerable<(string Name, int Lanes)> VectorFunctionsOf(LayerPlan layer, InstructionSet set) =>
        NeedsMethod(layer) ? [(VectorFunctions.NameOf(layer.Activation.Kind), Lanes(layer, set))] : [];

    /// <summary>The numbers of an activation as further arguments, <c>, 0.5f</c>.</summary>
    public static string Numbers(Activation activation) =>
        string.Concat(VectorFunctions.Numbers(activation).Select(number => ", " + CSharpText.Literal(number)));

    private static IEnumerable<LayerPlan> Callers(ModelPlan plan) => plan.Layers.Where(NeedsMethod);

    private static bool NeedsMethod(LayerPlan layer) =>
        layer.OfFamily.ActivationLanes(InstructionSet.Portable) is not null && ActivationText.NeedsFunction(layer.Activation);

    private static int Lanes(LayerPlan layer, InstructionSet set) => layer.OfFamily.ActivationLanes(set)!.Value;

    private static void WriteMethod(CSharpWriter writer, ActivationKind kind, int numbers, VectorDialect vectors)
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
}

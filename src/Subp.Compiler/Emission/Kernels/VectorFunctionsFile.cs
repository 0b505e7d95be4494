using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Writes the functions of vectors that the kernels of each instruction set call.</summary>
internal static class VectorFunctionsFile
{
    /// <summary>The file <c>{Class}.Vectors.cs</c>, or null where no kernel calls a function.</summary>
    public static EmittedFile? Write(ModelPlan plan)
    {
        if (plan.Options.InstructionSets.All(set => Needed(plan, set).Count == 0))
            return null;
        return ModelFileScope.Write(
            plan,
            ".Vectors",
            _ => { },
            writer =>
            {
                var first = true;
                foreach (var set in plan.Options.InstructionSets)
                {
                    if (!first)
                        writer.Line();
                    first = false;
                    using (writer.Block($"private static unsafe partial class {KernelText.ClassOf(set)}"))
                    {
                        var functions = new CSharpWriter(wraps: false);
                        foreach (var (name, lanes) in Needed(plan, set))
                            VectorFunctions.Write(functions, name, VectorDialect.Of(set, lanes));
                        writer.Line(functions.ToString().TrimEnd('\n'));
                    }
                }
            }
        );
    }

    private static List<(string Name, int Lanes)> Needed(ModelPlan plan, InstructionSet set)
    {
        var longest = VectorDialect.Longest(set).Lanes;
        return
        [
            .. plan
                .Layers.SelectMany(layer =>
                    layer
                        .OfFamily.Functions.Select(name => (Name: name, Lanes: longest))
                        .Concat(FunctionsFile.VectorFunctionsOf(layer, set))
                )
                .GroupBy(function => function.Lanes, function => function.Name)
                .OrderByDescending(functions => functions.Key)
                .SelectMany(functions => VectorFunctions.Closure(functions).Select(name => (name, functions.Key))),
        ];
    }
}
